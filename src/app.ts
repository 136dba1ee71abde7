/** A request through the app: who it is, whether it may, what answers it, and what is said of it. It knows no runtime. */
import { type IRequest, Router } from 'itty-router'
import type { Access } from './access/access.ts'
import { authorize } from './access/authorize.ts'
import type { Origins } from './access/origins.ts'
import type { Admission, Place } from './app/admission.ts'
import { clientAddress } from './app/client-address.ts'
import { demoPage, type Pages } from './app/demo-page.ts'
import { negotiate } from './app/negotiate.ts'
import { openaiProblem } from './app/openai-problem.ts'
import { type LogEntry, requestLine } from './app/request-log.ts'
import { type Endpoint, EVENTS, routes } from './app/routes.ts'
import { ticketDesk } from './app/ticket-desk.ts'
import { SseError } from './errors.ts'
import type { FileStore } from './files/file-store.ts'
import { roomInQuery, roomName } from './handler.ts'
import { loggedProblem, problemResponse } from './problem.ts'
import { refuse } from './reconnect-later.ts'
import { isStream } from './response-stream.ts'
import type { Rooms } from './rooms/room.ts'
import { onStreamEnd } from './stream-ends.ts'

/** What a runtime brings along. */
export interface AppContext {
  rooms: Rooms
  access: Access
  /** Whose pages may use it. Defaults to nobody's. */
  origins?: Origins | undefined
  /** How many streams there may be. Defaults to any number. */
  admission?: Admission | undefined
  /** The header that a proxy of the operator's puts a client's address into. Defaults to none. */
  addressHeader?: string | undefined
  /** What `/download/:name` serves. */
  files: FileStore
  pages: Pages
  env?: unknown
  /** What counts, where the runtime has one. */
  meter?: Meter | undefined
  /** Gets one line of JSON for each refusal. Defaults to `console.warn`. */
  log?(line: string): void
  /** Gets one for every other request. Defaults to nothing. */
  logRequest?: ((line: string) => void) | undefined
}

export interface Meter {
  metrics(): Promise<Response>
  refused(slug: string, limit?: string): void
  /** `route` is a path of the table, never that of a request. */
  answered(what: { route: string; method: string; status: number }, seconds: number): void
}

/** A request under way. */
interface Visit {
  context: AppContext
  /** The address of its connection. */
  socket: string | undefined
  /** The path of the table that it fits. */
  route: string
}

/** A name or address, and a port that could be one. */
const HOST = /^(\[[\da-f:.]+\]|[\w.-]+)(:(\d{0,4}|[0-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5]))?$/i

const router = Router({ base: '' })
for (const [route, endpoints] of Object.entries(routes))
  router.all(route, (request: Request, visit: Visit) => answer(request, endpoints, Object.assign(visit, { route })))

export const app = {
  /** `socket` is the address that the connection comes from. */
  async fetch(request: Request, context: AppContext, socket?: string): Promise<Response> {
    const visit: Visit = { context, socket, route: '' }
    const begin = performance.now()
    const response = await respond(request, visit).catch((error: unknown) => refuse(request, error))
    const milliseconds = performance.now() - begin
    note(request, response, visit, milliseconds)
    const told = visit.route.startsWith('/v1/') ? await openaiProblem(request, response) : response
    context.origins?.allow(request, told)
    // HEAD gets no body, whatever answered it: taken off last, because the log knows a problem by its response.
    if (request.method !== 'HEAD' || !told.body) return told
    void told.body.cancel()
    return new Response(null, told)
  },
}

function note(request: Request, response: Response, { context, route }: Visit, milliseconds: number): void {
  const { log = console.warn, logRequest, meter } = context
  const { status } = response
  const problem = loggedProblem(response)
  if (problem) {
    log(requestLine(request, { level: 'warn', ...problem, status }))
    meter?.refused(problem.slug, problem.limit)
  } else if (logRequest) {
    logRequest(
      requestLine(request, { level: 'info', status, milliseconds: Math.round(milliseconds) } satisfies LogEntry),
    )
  }
  if (route) meter?.answered({ route, method: request.method, status }, milliseconds / 1_000)
}

async function respond(request: Request, visit: Visit): Promise<Response> {
  const host = request.headers.get('host')
  if (host?.includes(',')) throw new SseError('malformed-request', 'Cannot answer: there is more than one Host header')
  visit.context.access.admit?.(request)
  // Runtimes put it before the path: what is more than a host would be the path.
  if (host && !HOST.test(host)) throw new SseError('malformed-request', 'Cannot answer: the Host header is no host')
  if (!HOST.test(URL.parse(request.url)?.host ?? ''))
    throw new SseError('malformed-request', 'Cannot answer: its host or path is no URL')
  const response: Response | undefined = await router.fetch(request as IRequest, visit)
  return response ?? problemResponse(new SseError('not-found', 'Cannot answer: there is nothing at this path'))
}

async function answer(request: Request, endpoints: Record<string, Endpoint>, visit: Visit): Promise<Response> {
  const { method } = request
  const endpoint = Object.hasOwn(endpoints, method === 'HEAD' ? 'GET' : method)
    ? endpoints[method === 'HEAD' ? 'GET' : method]
    : undefined
  if (!endpoint) return otherMethod(method, endpoints)
  if (!endpoint.streams) return handle(request, endpoint, visit)
  const { admission, addressHeader } = visit.context
  const who = endpoint.right === null ? 'anyone' : 'granted'
  const place = await admission?.admit(clientAddress(request, visit.socket, addressHeader), who)
  if (!place) return handle(request, endpoint, visit)
  // Asked for now: a stream may be over before its response is here.
  onStreamEnd(request, place.leave)
  try {
    const response = await handle(request, endpoint, visit, place)
    if (!isStream(response)) place.leave()
    return response
  } catch (error) {
    place.leave()
    throw error
  }
}

function otherMethod(method: string, endpoints: Record<string, Endpoint>): Response {
  const allow = [
    ...Object.keys(endpoints).flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name])),
    'OPTIONS',
  ].join(', ')
  const headers: Record<string, string> = { allow, ...(endpoints.GET?.anyPage ? anyPreflight(allow) : {}) }
  if (method === 'OPTIONS') return new Response(null, { status: 204, headers })
  const error = new SseError('method-not-allowed', 'Cannot answer: this path does not take this method')
  return problemResponse(error, { allow })
}

/** A client built on fetch comes back to it from any page: its Last-Event-ID needs one. */
const anyPreflight = (allow: string): Record<string, string> => ({
  'access-control-allow-origin': '*',
  'access-control-allow-methods': allow,
  'access-control-allow-headers': 'last-event-id',
  'access-control-max-age': '7200',
})

async function handle(request: Request, endpoint: Endpoint, visit: Visit, place?: Place): Promise<Response> {
  const { access, rooms, files, env, pages, meter } = visit.context
  const { type, handler } = negotiate(request, endpoint)
  if (handler === 'pages') return demoPage(request, pages)
  if (handler === 'tickets') return ticketDesk(request, { access, rooms })
  const { right } = endpoint
  const room = roomOf(request, endpoint, visit)
  const takesTicket = room !== '' && type === EVENTS
  const grant = right === null ? undefined : await authorize(request, access, { room, action: right, takesTicket })
  if (handler === 'metrics') {
    if (meter) return meter.metrics()
    throw new SseError('not-found', 'Cannot answer: nothing is counted here')
  }
  const answering = (): Response | Promise<Response> => handler(request, { rooms, files, env, grant })
  if (!grant || !place) return answering()
  if (!grant.ticket) {
    await place.belongsTo(grant.subject)
    return answering()
  }
  // Whether a ticket is any good the room says: one that was used counts for nobody.
  const response = await answering()
  if (isStream(response)) await place.belongsTo(grant.subject).catch((error) => giveUp(response, error))
  return response
}

const roomOf = (request: Request, { roomInQuery: otherwise }: Endpoint, { route }: Visit): string =>
  otherwise === undefined ? (route.includes(':room') ? roomName(request) : '') : roomInQuery(request, otherwise)

async function giveUp(response: Response, error: unknown): Promise<never> {
  await response.body?.cancel()
  throw error
}
