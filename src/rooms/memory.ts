/** Rooms in this process: nothing to set up, and nothing left when the process ends. */
import { checkPositive } from '../options.ts'
import type { RoomBackend } from './backend.ts'
import { RoomEngine } from './engine.ts'
import { eventLoopTurn } from './event-loop-turn.ts'
import type { Connect, Holder } from './holder.ts'
import { makeRoom } from './make-room.ts'
import { MemoryLog } from './memory-log.ts'
import { checkRetention, REMEMBERED, type Retention } from './retention.ts'
import type { Rooms } from './room.ts'

export interface MemoryRoomsOptions {
  /** How much a room keeps. */
  retention?: Retention | undefined
  /** Bytes that may wait for one reader. Defaults to 262,144. */
  budget?: number | undefined
}

/**
 * Rooms whose logs live in this process: `publish` answers `durable: false`. On Workers they are shared by the requests
 * of one isolate only, a reader that falls behind is sent to reconnect, and a
 * publish that is not awaited may reach readers only with the next: use `durableRooms` there.
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

/** The backend of each room by its name. */
export function memoryBackends({
  retention = {},
  budget = 262_144,
}: MemoryRoomsOptions = {}): (name: string) => RoomBackend {
  checkPositive('make rooms', { budget })
  const engines = new Map<string, RoomEngine>()
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
    for (const [name, engine] of engines) {
      due = Math.min(due, now + Math.max(engine.tidy() ?? Number.POSITIVE_INFINITY, pause))
      if (!engine.inUse) engines.delete(name)
    }
  }
  return (name) => {
    /** An engine is kept while it has something to keep: events, or a reader that waits for the first of them. */
    const using = <Result>(use: (engine: RoomEngine) => Result): Result => {
      tidy()
      const engine = engines.get(name) ?? new RoomEngine(new MemoryLog(), eventLoopTurn, { retention, remind })
      try {
        return use(engine)
      } finally {
        if (engine.inUse) engines.set(name, engine)
        else engines.delete(name)
      }
    }
    return {
      durable: false,
      budget,
      publish: async (messages, terms) => using((room) => room.publish(messages, terms)),
      page: async (position, first) => using((room) => room.page(position, first)),
      connect: async (admission, holder) => using((room) => connect(room, using, admission, holder)),
      info: async () => using((room) => room.info()),
      purge: async () => using((room) => room.purge()),
      close: async () => using((room) => room.close()),
    }
  }
}

type Using = (use: (engine: RoomEngine) => void) => void

const connect = (
  room: RoomEngine,
  using: Using,
  { position }: Parameters<Connect>[0],
  holder: Holder,
): Awaited<ReturnType<Connect>> => {
  if (room.isRead(position)) return 'read'
  room.connect(holder)
  return {
    // Pages come down by plain calls, in the middle of a fan-out; what goes up waits until that is over.
    send: (command) => queueMicrotask(() => room.command(holder, command)),
    close: () => queueMicrotask(() => using((current) => current.disconnect(holder))),
  }
}
