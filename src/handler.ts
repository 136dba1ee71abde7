/** What a handler is given, and how it finds the room its request names. */
import { keepOpen } from './bun-idle.ts'
import { SseError } from './errors.ts'
import { problemResponse } from './problem.ts'
import { memoryRooms } from './rooms/memory.ts'
import type { Rooms } from './rooms/room.ts'
import { keepWorking } from './worker-context.ts'

/** The surroundings of a handler: the same on every runtime. */
export interface App {
  rooms: Rooms
  /** Bindings or environment variables of the runtime. */
  env: unknown
  /** On whose behalf the request acts, where access says so. */
  subject?: string | undefined
}

/** Turns a request into a response. What it throws becomes a problem response, so a handler need not catch. */
export type Handler = (request: Request, app: App) => Response | Promise<Response>

export interface Standalone {
  /** What runtimes hand over beside the request: Bun its server, Workers an environment and a context. */
  fetch(request: Request, environment?: unknown, context?: unknown): Promise<Response>
}

/** A handler as a whole program, on rooms in this process and open to everyone: what `export default` wants. */
export function standalone(handler: Handler): Standalone {
  const app: App = { rooms: memoryRooms(), env: {} }
  return {
    async fetch(request, environment, context) {
      try {
        const response = await handler(request, app)
        keepOpen(request, response, environment)
        keepWorking(response, context)
        return response
      } catch (error) {
        return problemResponse(error)
      }
    },
  }
}

/**
 * The room in a path `/rooms/:room…`, decoded. Throws `invalid-room` for what does not decode, and `room-not-found`
 * for names that begin with `~`, which are edge-sse's own and do not exist under `/rooms`.
 */
export function roomName(request: Request): string {
  const [, , segment = ''] = new URL(request.url).pathname.split('/')
  let name: string
  try {
    name = decodeURIComponent(segment)
  } catch (cause) {
    throw new SseError('invalid-room', 'Cannot open room: its name does not decode', { cause })
  }
  if (name.startsWith('~')) throw new SseError('room-not-found', 'Cannot open room: there is none of that name')
  return name
}
