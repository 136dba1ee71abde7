/** Path → handler: which methods and formats a path takes, and which right each needs. It knows no runtime. */
import { Router } from 'itty-router'
import Negotiator from 'negotiator'
import type { Access, Action } from './access/access.ts'
import { authorize } from './access/authorize.ts'
import type { Origins } from './access/origins.ts'
import { mediaType } from './body-text.ts'
import { SseError } from './errors.ts'
import type { FileStore } from './files/file-store.ts'
import { type Handler, roomName } from './handler.ts'
import { handler as chatRoom } from './handlers/chat-room.ts'
import { handler as download } from './handlers/download.ts'
import { handler as htmlPage } from './handlers/html.ts'
import { handler as ndjson } from './handlers/ndjson.ts'
import { handler as progress } from './handlers/progress.ts'
import { handler as roomEvents } from './handlers/room-events.ts'
import { handler as roomHistory } from './handlers/room-history.ts'
import { handler as roomInfo } from './handlers/room-info.ts'
import { handler as roomPublish } from './handlers/room-publish.ts'
import { handler as roomPublishBatch } from './handlers/room-publish-batch.ts'
import { handler as text } from './handlers/text.ts'
import { handler as ticker } from './handlers/ticker.ts'
import { PAGE_HEADERS, PAGE_POLICY } from './page-headers.ts'
import { loggedProblem, problemResponse } from './problem.ts'
import { problemPage } from './problem-page.ts'
import type { Rooms } from './rooms/room.ts'
import { ticketDesk } from './ticket-desk.ts'

/** What a runtime brings along. */
export interface AppContext {
  rooms: Rooms
  access: Access
  /** Whose pages may use it. Defaults to nobody's. */
  origins?: Origins | undefined
  /** What `/download/:name` serves. */
  files: FileStore
  /** The demo pages: answers a request for a path below `demo/`. */
  pages(request: Request): Response | Promise<Response>
  env?: unknown
  /** Gets one line of JSON for each refusal. Defaults to `console.warn`. */
  log?(line: string): void
}

interface Endpoint {
  /** The right it needs, to the room in its path where there is one; null where everybody may. */
  right: Action | null
  /** Handlers by the media type they answer with, the default first; for POST by that of the body. */
  answers: Record<string, Handler | Own>
}
/** What the app answers itself. */
type Own = 'pages' | 'tickets'

const EVENTS = 'text/event-stream'
const ANY = '*/*'

export const routes: Record<string, Record<string, Endpoint>> = {
  '/': { GET: { right: null, answers: { [ANY]: 'pages' } } },
  '/demo': { GET: { right: null, answers: { [ANY]: 'pages' } } },
  '/demo/*': { GET: { right: null, answers: { [ANY]: 'pages' } } },
  '/sse': { GET: { right: null, answers: { [EVENTS]: ticker } } },
  '/html': { GET: { right: null, answers: { 'text/html': htmlPage } } },
  '/text': { GET: { right: null, answers: { 'text/plain': text } } },
  '/ndjson': { GET: { right: null, answers: { 'application/x-ndjson': ndjson } } },
  '/download/:name': { GET: { right: null, answers: { [ANY]: download } } },
  '/rooms/:room': { GET: { right: 'subscribe', answers: { 'application/json': roomInfo } } },
  '/rooms/:room/events': {
    GET: { right: 'subscribe', answers: { [EVENTS]: roomEvents, 'application/x-ndjson': roomHistory } },
    POST: { right: 'publish', answers: { 'application/json': roomPublish, 'application/x-ndjson': roomPublishBatch } },
  },
  '/chat-room/:room/events': {
    GET: { right: 'subscribe', answers: { [EVENTS]: chatRoom } },
    POST: { right: 'publish', answers: { 'application/json': chatRoom } },
  },
  '/tickets': { POST: { right: 'subscribe', answers: { 'application/json': 'tickets' } } },
  '/progress': { POST: { right: 'publish', answers: { 'application/json': progress } } },
  '/progress/:job': { DELETE: { right: 'publish', answers: { [ANY]: progress } } },
  '/progress/:job/events': { GET: { right: 'subscribe', answers: { [EVENTS]: progress } } },
  '/healthz': { GET: { right: null, answers: { [ANY]: () => Response.json({ status: 'ok' }) } } },
  '/problems': { GET: { right: null, answers: { [ANY]: problemPage } } },
  '/problems/:slug': { GET: { right: null, answers: { [ANY]: problemPage } } },
}

const router = Router({ base: '' })
for (const [path, endpoints] of Object.entries(routes))
  router.all(path, (request: Request, context: AppContext) => answer(request, path, endpoints, context))

export const app = {
  async fetch(request: Request, context: AppContext): Promise<Response> {
    const response = await respond(request, context).catch((error: unknown) => problemResponse(error))
    const problem = loggedProblem(response)
    if (problem) {
      const { method, url } = request
      // Not the query, nor what looks like a token: it may be one.
      const pathname = URL.parse(url)?.pathname ?? url.replace(/\?.*$/s, '')
      const path = pathname.replace(/eyJ[\w-]+\.[\w-]+\.[\w-]*/g, '[redacted]').slice(0, 200)
      const line = JSON.stringify({ level: 'warn', ...problem, status: response.status, method, path })
      ;(context.log ?? console.warn)(line)
    }
    context.origins?.allow(request, response)
    // HEAD gets no body, whatever answered it: taken off last, because the log knows a problem by its response.
    if (request.method !== 'HEAD' || !response.body) return response
    void response.body.cancel()
    return new Response(null, response)
  },
}

async function respond(request: Request, context: AppContext): Promise<Response> {
  if (request.headers.get('host')?.includes(','))
    throw new SseError('malformed-request', 'Cannot answer: there is more than one Host header')
  context.access.admit?.(request)
  if (!URL.canParse(request.url)) throw new SseError('malformed-request', 'Cannot answer: its host or path is no URL')
  const response: Response | undefined = await router.fetch(request, context)
  return response ?? problemResponse(new SseError('not-found', 'Cannot answer: there is nothing at this path'))
}

async function answer(
  request: Request,
  path: string,
  endpoints: Record<string, Endpoint>,
  context: AppContext,
): Promise<Response> {
  const { method } = request
  const endpoint = Object.hasOwn(endpoints, method === 'HEAD' ? 'GET' : method)
    ? endpoints[method === 'HEAD' ? 'GET' : method]
    : undefined
  if (!endpoint) {
    const allow = Object.keys(endpoints).flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name]))
    if (method === 'OPTIONS')
      return new Response(null, { status: 204, headers: { allow: [...allow, 'OPTIONS'].join(', ') } })
    const error = new SseError('method-not-allowed', 'Cannot answer: this path does not take this method')
    return problemResponse(error, { allow: [...allow, 'OPTIONS'].join(', ') })
  }
  const { right } = endpoint
  const { type, handler } = negotiate(request, endpoint)
  if (handler === 'pages') return page(request, context)
  if (handler === 'tickets') return ticketDesk(request, context)
  const { rooms, files, env, access } = context
  const room = path.includes(':room') ? roomName(request) : ''
  const takesTicket = room !== '' && type === EVENTS
  const grant = right === null ? undefined : await authorize(request, access, { room, action: right, takesTicket })
  return handler(request, { rooms, files, env, grant })
}

/** What answers, and with which media type; to a POST the one of its body. */
function negotiate(request: Request, { answers }: Endpoint): { type: string; handler: Handler | Own } {
  const types = Object.keys(answers)
  const chosen = (type: string) => ({ type, handler: answers[type] as Handler | Own })
  if (request.method === 'POST') {
    const type = mediaType(request) ?? ''
    // A body that none takes goes to the first, which refuses it.
    return chosen(Object.hasOwn(answers, type) ? type : (types[0] as string))
  }
  if (types[0] === ANY) return chosen(ANY)
  const accept = request.headers.get('accept') ?? ANY
  const type = new Negotiator({ headers: { accept } }).mediaType(types)
  if (type === undefined || !Object.hasOwn(answers, type))
    throw new SseError('not-acceptable', `Cannot answer: this path gives ${types.join(' or ')}`)
  return chosen(type)
}

/** A demo page or one of its files: `/demo/room` is `room` of the folder. */
async function page(request: Request, context: AppContext): Promise<Response> {
  const url = new URL(request.url)
  url.pathname = url.pathname.replace(/^\/demo(?=\/|$)/, '')
  const response = await context.pages(new Request(url, request))
  if (response.status === 404) throw new SseError('not-found', 'Cannot answer: there is no such page')
  const headers = new Headers(response.headers)
  for (const [name, value] of Object.entries(PAGE_HEADERS)) headers.set(name, value)
  // The one page that shows another; who may frame that one, it says itself.
  if (url.pathname === '/html') headers.set('content-security-policy', `${PAGE_POLICY}; frame-src 'self'`)
  // The folder's own redirects (`/room.html` to `/room`) do not know where it stands.
  const location = headers.get('location')
  if (location?.startsWith('/')) headers.set('location', `/demo${location}`)
  return new Response(response.body, { status: response.status, headers })
}
