/** What a handler is given, and how it finds the room or the file its request names. */
import { keepOpen } from './bun-idle.ts'
import { SseError } from './errors.ts'
import type { FileStore } from './files/file-store.ts'
import { ownFiles } from './files/own-files.ts'
import type { Grant } from './grant.ts'
import { problemResponse } from './problem.ts'
import { memoryRooms } from './rooms/memory.ts'
import type { Producers } from './rooms/producer.ts'
import type { Rooms } from './rooms/room.ts'
import { keepWorking } from './worker-context.ts'

/** The surroundings of a handler: the same on every runtime. */
export interface App {
  rooms: Rooms
  files: FileStore
  /** Bindings or environment variables of the runtime. */
  env: unknown
  /** On whose behalf the request acts and for how long, where access says so: what `subscribe` takes as it is. */
  grant?: Grant | undefined
}

/** Turns a request into a response. What it throws becomes a problem response, so a handler need not catch. */
export type Handler = (request: Request, app: App) => Response | Promise<Response>

export interface Standalone {
  /** Where Bun listens, which has no option for it: `HOST` of its environment. */
  hostname?: string | undefined
  /** What runtimes hand over beside the request: Bun its server, Workers an environment and a context. */
  fetch(request: Request, environment?: unknown, context?: unknown): Promise<Response>
}

export interface StandaloneOptions {
  /** What its rooms may start, by name; may depend on the environment. */
  producers?: Producers | ((env: unknown) => Producers) | undefined
  /** Its rooms, of what the runtime hands over beside the first request. Defaults to rooms in this process. */
  rooms?: ((environment: never) => Rooms) | undefined
}

/**
 * A handler as a whole program, on rooms in this process and files of this runtime, open to everyone: what `export default`
 * wants. Files are those of the bucket `env.FILES`, else of `env.ASSETS`, on Workers; elsewhere of the folder that the
 * environment calls `FILES`, or `./files`.
 */
export function standalone(handler: Handler, { producers, rooms: roomsOf }: StandaloneOptions = {}): Standalone {
  let rooms: Rooms | undefined
  const inMemory = (env: unknown): Rooms =>
    memoryRooms({ producers: typeof producers === 'function' ? producers(env) : producers })
  return {
    ...('Bun' in globalThis && { hostname: (ownEnvironment(undefined) as { HOST?: string }).HOST }),
    async fetch(request, environment, context) {
      try {
        const env = ownEnvironment(environment)
        rooms ??= roomsOf ? roomsOf(environment as never) : inMemory(env)
        const response = await handler(request, { rooms, files: ownFiles(environment), env })
        keepOpen(request, response, environment)
        keepWorking(response, context)
        return response
      } catch (error) {
        return problemResponse(error)
      }
    },
  }
}

declare const process: { env?: object } | undefined

/** Workers hand theirs over beside the request; elsewhere it is that of the process, and what is handed over is no environment. */
const ownEnvironment = (surroundings: unknown): unknown =>
  'WebSocketPair' in globalThis ? surroundings : ((typeof process === 'undefined' ? undefined : process.env) ?? {})

/**
 * The room in a path `/rooms/:room…`, decoded. Throws `invalid-room` for what does not decode, and `room-not-found`
 * for names that begin with `~`, which are edge-sse's own and do not exist under `/rooms`.
 */
export function roomName(request: Request): string {
  const name = decodedName(request)
  if (name === undefined) throw new SseError('invalid-room', 'Cannot open room: its name does not decode')
  if (name.startsWith('~')) throw new SseError('room-not-found', 'Cannot open room: there is none of that name')
  return name
}

/** The room that a request names as `?room=`. Throws `invalid-parameter` for names that begin with `~`, which are edge-sse's own. */
export function roomInQuery(request: Request, otherwise: string): string {
  const name = new URL(request.url).searchParams.get('room') ?? otherwise
  if (!name.startsWith('~')) return name
  throw new SseError('invalid-parameter', 'Cannot open room: `room` is none that there can be', { field: 'room' })
}

/** The file in a path `/download/:name`, decoded once. Throws `not-found` for what does not decode. */
export function fileName(request: Request): string {
  const name = decodedName(request)
  if (name === undefined) throw new SseError('not-found', 'Cannot send file: there is none of that name')
  return name
}

/** The second segment of a path; `undefined` where it does not decode. */
function decodedName(request: Request): string | undefined {
  const [, , segment = ''] = new URL(request.url).pathname.split('/')
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}
