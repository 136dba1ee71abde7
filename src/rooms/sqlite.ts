/** Rooms in one SQLite file: what was published is there when the process starts again. */
import { inBackground } from '../background-timer.ts'
import { SseError } from '../errors.ts'
import { logError } from '../log-line.ts'
import type { RoomBackend } from './backend.ts'
import { RoomEngine } from './engine.ts'
import { eventLoopTurn } from './event-loop-turn.ts'
import { checkLimits, type RoomLimits } from './limits.ts'
import { LocalRooms } from './local-rooms.ts'
import { makeRoom } from './make-room.ts'
import type { Producers } from './producer.ts'
import { checkRetention, REMEMBERED, type Retention, retentionIn } from './retention.ts'
import type { Rooms } from './room.ts'
import { ticketsOf } from './spent-tickets.ts'
import type { Sql } from './sql.ts'
import { SqlLog } from './sql-log.ts'
import { SqlTickets } from './sql-tickets.ts'
import { SqliteDatabase } from './sqlite-database.ts'
import { openFile } from './sqlite-file.ts'
import { dueRooms, roomsAtWork } from './sqlite-tidy.ts'

export interface SqliteRoomsOptions {
  /** How much a room keeps. */
  retention?: Retention | undefined
  /** How much a room takes. */
  limits?: RoomLimits | undefined
  /** Bytes that may wait for one reader. Defaults to 262,144. */
  budget?: number | undefined
  /** What `start` may start, by name. */
  producers?: Producers | undefined
}

export interface SqliteRooms extends Rooms {
  /**
   * Closes the file, all that was published in it. Readers are sent to reconnect; whoever uses a room from now on gets
   * `storage-unavailable`. A process that ends without it has lost nothing either.
   */
  close(): void
  [Symbol.dispose](): void
}

/**
 * Rooms whose logs are in a SQLite file, on Node, Deno and Bun: `publish` answers `durable: true`, once the event was
 * synced to disk. Publishes that come together share one sync; the process waits for it, less than a millisecond on a
 * good disk. The file is this process's alone while it is open; beside it SQLite keeps another one that ends in `-wal`.
 * A disk that fails or is full rejects publishes (`storage-unavailable`), and when it works again so do they.
 *
 * Throws an `SseError`: `already-open` (by this process or another), `cannot-open` (its text says why, and what to do),
 * `invalid-option`.
 *
 * @example
 * ```ts
 * import { sqliteRooms } from 'edge-sse/sqlite'
 * using rooms = sqliteRooms('chat.db')
 * const { id, durable } = await rooms.get('lobby').publish({ event: 'chat', data: { text: 'hello' } })
 * console.log(id, durable)
 * ```
 */
export function sqliteRooms(path: string, options: SqliteRoomsOptions = {}): SqliteRooms {
  const { backendOf, close } = sqliteBackends(path, options)
  return { get: (name) => makeRoom(name, backendOf(name)), close, [Symbol.dispose]: close }
}

/** The same, room by room as what is behind it. */
export interface SqliteBackends {
  backendOf(name: string): RoomBackend
  /** Lets go of what is too old in all rooms. */
  tidy(): Promise<void>
  /** Engines that are in memory, of which those of rooms that nobody uses are let go: all they know is in the file. */
  rest(): number
  close(): void
}

/** Milliseconds between two looks around, at least and at most. */
const LOOKS = { least: 1_000, most: 60_000 }

/** `through` stands between a log and its database. */
export function sqliteBackends(
  path: string,
  { retention = {}, limits = {}, budget, producers }: SqliteRoomsOptions = {},
  through: (sql: Sql) => Sql = (sql) => sql,
): SqliteBackends {
  const { age } = checkRetention(retention)
  checkLimits(limits)
  const open = (name: string): RoomEngine =>
    new RoomEngine(new SqlLog(through(database.sql()), name), eventLoopTurn, {
      retention: retentionIn(name, retention),
      limits,
      tickets: ticketsOf(name, tickets),
    })
  const beforeUse = (): void => {
    if (closed) throw new Error('The file was closed')
  }
  const rooms = new LocalRooms({ durable: true, budget, open, beforeUse, producers })
  const database = new SqliteDatabase(openFile(path), eventLoopTurn)
  const tickets = new SqlTickets(through(database.sql()))
  let closed = false

  const tidyRooms = async (names: string[]): Promise<void> => {
    for (const name of names) {
      if (closed) return
      rooms.using(name, (room) => room.tidy())
      await eventLoopTurn() // Each has a sync of its own, and others wait.
    }
  }
  const tidy = async (): Promise<void> => {
    for (const names of dueRooms(database, age, Date.now())) {
      await tidyRooms(names)
      await eventLoopTurn()
      if (closed) return
    }
  }
  const rest = (): number => {
    for (const [name, engine] of rooms.engines) if (!engine.busy) rooms.engines.delete(name)
    return rooms.engines.size
  }
  /** Ten looks in a lifetime at most, as in memory; soon after the file was opened there is the first. */
  const pause = Math.min(age, REMEMBERED) / 10
  let due = 0
  const lookAround = (): void => {
    rest()
    try {
      tickets.tidy(Date.now())
    } catch (cause) {
      logged(cause)
    }
    if (performance.now() < due) return
    due = performance.now() + pause
    tidy().catch(logged)
  }
  tidyRooms(roomsAtWork(database)).catch(logged)
  // One timer for all rooms, which keeps no process alive.
  const timer = setInterval(lookAround, Math.min(Math.max(pause, LOOKS.least), LOOKS.most))
  inBackground(timer)

  return {
    backendOf: (name) => answering(rooms.backend(name)),
    tidy,
    rest,
    close: () => {
      if (closed) return
      closed = true
      clearInterval(timer)
      database.close()
      rooms.leave()
    },
  }
}

/** What SQLite throws is a log that cannot be read or written, or a file that was closed. */
function answering(backend: RoomBackend): RoomBackend {
  const reached = async <Value>(action: string, work: Promise<Value>): Promise<Value> => {
    try {
      return await work
    } catch (cause) {
      if (cause instanceof SseError) throw cause
      throw new SseError('storage-unavailable', `Cannot ${action}: the log could not be read`, { cause })
    }
  }
  return {
    ...backend,
    publish: (messages, terms) => reached('publish', backend.publish(messages, terms)),
    page: (position, first) => reached('read', backend.page(position, first)),
    start: (input, terms) => reached('start', backend.start(input, terms)),
    stop: (run) => reached('stop', backend.stop(run)),
    info: () => reached('look into the room', backend.info()),
    purge: () => reached('purge', backend.purge()),
    close: () => reached('close room', backend.close()),
  }
}

const logged = (cause: unknown): void => logError('storage-unavailable', cause)
