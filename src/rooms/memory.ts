/** Rooms in this process: nothing to set up, and nothing left when the process ends. */
import { SseError } from '../errors.ts'
import type { RoomBackend } from './backend.ts'
import { RoomEngine } from './engine.ts'
import { eventLoopTurn } from './event-loop-turn.ts'
import { checkLimits, type RoomLimits } from './limits.ts'
import { LocalRooms } from './local-rooms.ts'
import { makeRoom } from './make-room.ts'
import { MemoryLog } from './memory-log.ts'
import type { Producers } from './producer.ts'
import { checkRetention, REMEMBERED, type Retention, retentionIn } from './retention.ts'
import type { Rooms } from './room.ts'
import { MemoryTickets, ticketsOf } from './spent-tickets.ts'

export interface MemoryRoomsOptions {
  /** How much a room keeps. */
  retention?: Retention | undefined
  /** How much a room takes. */
  limits?: RoomLimits | undefined
  /** Bytes that may wait for one reader. Defaults to 262,144. */
  budget?: number | undefined
  /** What `start` may start, by name. */
  producers?: Producers | undefined
}

/**
 * Rooms whose logs live in this process: `publish` answers `durable: false`. On Workers they are shared by the requests
 * of one isolate only, and a publish that is not awaited may reach readers only with the next: use `durableRooms` there.
 *
 * @example
 * ```ts
 * import { memoryRooms } from 'edge-sse'
 * const room = memoryRooms().get('lobby')
 * await room.publish({ event: 'chat', data: { text: 'hello' } })
 * for await (const message of room.read({ live: false })) console.log(message.id, message)
 * ```
 */
export function memoryRooms(options: MemoryRoomsOptions = {}): Rooms {
  const backendOf = memoryBackends(options)
  return { get: (name) => makeRoom(name, backendOf(name)) }
}

const onWorkers = 'WebSocketPair' in globalThis

/** There it would be cancelled with the request that began it. */
function needsObject(): never {
  throw new SseError('needs-room-object', 'Cannot start: on Workers work outlives its request in a room object alone')
}

/** The backend of each room by its name. */
export function memoryBackends({
  retention = {},
  limits = {},
  budget,
  producers,
}: MemoryRoomsOptions = {}): (name: string) => RoomBackend {
  checkLimits(limits)
  /** When age is worth looking at, by a clock that nobody sets (on Workers it is the other one). */
  let due = Number.POSITIVE_INFINITY
  const remind = (milliseconds: number): void => {
    due = Math.min(due, performance.now() + milliseconds)
  }
  /** Ten looks in a lifetime at most, however many rooms there are. */
  const pause = Math.min(checkRetention(retention).age, REMEMBERED) / 10
  /** Whoever comes by does it for all: a timer could not outlive a request on Workers. */
  const tidy = (): void => {
    const now = performance.now()
    if (now < due) return
    due = Number.POSITIVE_INFINITY
    for (const [name, engine] of rooms.engines) {
      due = Math.min(due, now + Math.max(engine.tidy() ?? Number.POSITIVE_INFINITY, pause))
      if (!engine.inUse) rooms.engines.delete(name)
    }
  }
  const tickets = new MemoryTickets()
  const rooms = new LocalRooms({
    durable: false,
    budget,
    open: (name) =>
      new RoomEngine(new MemoryLog(), eventLoopTurn, {
        retention: retentionIn(name, retention),
        limits,
        remind,
        tickets: ticketsOf(name, tickets),
      }),
    beforeUse: tidy,
    producers,
  })
  return (name) => {
    const backend = rooms.backend(name)
    return { ...backend, start: async (input, terms) => (onWorkers ? needsObject() : backend.start(input, terms)) }
  }
}
