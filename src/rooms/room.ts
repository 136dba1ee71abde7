/**
 * The contract of a room, whatever its backend. A room is one append-only log with one writer, and readers that are
 * fed from it. Every implementation keeps these promises, and one suite (`test/rooms/contract.ts`) holds it to them:
 *
 * - **Order.** All readers see the same events in the same order; a publisher's awaited publishes keep theirs.
 * - **Resuming.** A reader that comes back with the id it read last gets what follows it, each event once, as long as
 *   the log still holds it. What cannot be filled is said: `stream.gap` with a reason, then everything retained.
 * - **Durable before seen.** A publish is answered, and its event delivered, after the log holds it. `durable` says
 *   whether that log outlives the process; on `memory` it does not.
 * - **Idempotent publish.** The same key with the same message is one event and one id; with another message it is
 *   refused. A key is kept for 24 hours by the clock, unless 10,000 newer ones came to the room.
 * - **Joining** loses and repeats nothing; `stream.live` marks the end of the replay, once per response, and carries
 *   the head of the log as its id, so that a reader who has read nothing yet has a cursor all the same.
 * - **Slow readers** cost one cursor and at most their budget and one page or one event, the larger, in memory; nobody
 *   else waits for them.
 * - **Producers** outlive their readers. What they yield is stored before it is sent; each run ends in the log, whatever
 *   becomes of its process, and never runs twice under one key. A run is remembered for 24 hours by the clock, unless
 *   1,000 newer ones came to the room.
 * - **Rooms come to life** with their first publish or start, unless that says `create: false`. Reading an absent room
 *   waits, and writes nothing.
 * - **Rooms forget** by number, bytes and age, oldest first; which is the oldest only moves forward. One that is empty
 *   keeps its place in the count for 24 hours, and as long as it has readers; then it is absent again.
 */
import type { EventStreamOptions } from '../event-response-stream.ts'
import type { RoomStream } from './room-stream.ts'
import type { Ticket } from './ticket.ts'

/** What is published: the room gives the id. `data` that is not a string goes out as JSON. */
export interface NewMessage {
  data: unknown
  /** At most 128 bytes, printable, not beginning with `stream.`: those are ours. */
  event?: string | undefined
}

/** An event as it stands in the log. */
export interface RoomMessage {
  /** `<seq>-<tag>`: the cursor after this event. */
  id: string
  event?: string | undefined
  /** The text on the wire: what was published as a string, or its JSON. */
  data: string
}

/** A place where events are missing. Reading goes on after it with everything that is retained. */
export interface Gap {
  /** The new position: the floor of the log. */
  id: string
  event: 'stream.gap'
  gap: {
    /**
     * `expired`: older than what is retained. `unknown`: not an id of this log. `slow`: retention overtook a reader
     * that lagged behind. `malformed`: not an id at all.
     */
    reason: 'expired' | 'unknown' | 'slow' | 'malformed'
    /** The id that was asked for; null when it was malformed. */
    asked: string | null
    /** Id of the oldest event that is retained, null when none is. */
    oldest: string | null
    /** Id of the newest event ever published, null when none was. */
    newest: string | null
  }
}

/** Where a reader without a cursor starts: now, at the oldest event retained, or that many events back. */
export type From = 'live' | 'start' | number

export interface PublishOptions {
  /** Idempotency key, 1 to 64 printable characters, scoped to the room and the subject. */
  key?: string | undefined
  /** On whose behalf, in at most 512 characters. Defaults to `''`. */
  subject?: string | undefined
  /** Aborted before the room was asked, nothing is published and its reason is thrown; later it changes nothing. */
  signal?: AbortSignal | undefined
  /** False: only into a room that is there, else `room-not-found`. Defaults to true: the room comes to life. */
  create?: boolean | undefined
}

export interface Published {
  id: string
  /**
   * True when the key was known: nothing was published now, and `id` is that of the first time. With a key the way to an
   * object is tried again where it broke off, so the first time may have been this very call.
   */
  duplicate: boolean
  /** False when the log does not outlive the process. */
  durable: boolean
}

export interface SubscribeOptions extends Omit<EventStreamOptions, 'status'> {
  /** Where a reader without a cursor starts. Defaults to `?from=`, and that to `live`. */
  from?: From | undefined
  /** The id after which to begin. Defaults to the one that the request brings. */
  after?: string | undefined
  /** Puts the events of the room into a format of its own. Defaults to `RoomStream`, which sends them as they are. */
  as?: ((request: Request, options: EventStreamOptions) => RoomStream) | undefined
  /** On whose behalf, in at most 512 characters. Defaults to `''`. */
  subject?: string | undefined
  /** What lets this one reader in, once: whoever brings it again gets 401 `invalid-ticket`. Defaults to none being asked for. */
  ticket?: Ticket | undefined
}

export interface ReadOptions {
  /** The id after which to read. */
  after?: string | undefined
  /** Where to start without `after`. Defaults to `live`; to `start` when `live` is false. */
  from?: From | undefined
  /** Ends after that many messages, gaps not counted. Defaults to no limit. */
  limit?: number | undefined
  /** Whether to go on with what is published from now on. Defaults to true. */
  live?: boolean | undefined
  /** Ends the iteration, without an error. */
  signal?: AbortSignal | undefined
  /** On whose behalf, in at most 512 characters. Defaults to `''`. */
  subject?: string | undefined
}

export type RunState = 'running' | 'done' | 'failed' | 'stopped'

export interface StartOptions {
  /** Idempotency key, 1 to 64 printable characters, scoped to the room and the subject: the same key is the same run. */
  key?: string | undefined
  /** On whose behalf, in at most 512 characters. Defaults to `''`. */
  subject?: string | undefined
  /** What becomes of the run when nobody reads any more, or nobody came within 10 s. Defaults to `continue`. */
  whenEmpty?: 'continue' | 'cancel' | undefined
  /** What becomes of the room when the run ends: `close` in the transaction of its last event. Defaults to `close`. */
  then?: 'close' | 'keep' | undefined
  /** False: only in a room that is there, else `room-not-found`. Defaults to true: the room comes to life. */
  create?: boolean | undefined
}

export interface Started {
  /** The id of the run. */
  run: string
  /** True when the key was known: nothing was started now. */
  duplicate: boolean
}

export interface RunInfo {
  run: string
  producer: string
  state: RunState
  /** What it was started with. */
  whenEmpty: 'continue' | 'cancel'
}

export interface RoomInfo {
  /** Id of the oldest event retained, null when none is. */
  oldest: string | null
  /** Id of the newest event ever published. */
  newest: string | null
  /** Events retained. */
  count: number
  /** Open streams and live readers; may be one heartbeat old. */
  subscribers: number
  state: 'open' | 'closed'
  /** Runs of producers, in no order; absent where none is remembered. */
  runs?: RunInfo[]
}

export interface Room {
  readonly name: string
  /**
   * Appends a message. Resolves when it is stored and was sent to the readers that are live.
   * Rejects with an `SseError`: `invalid-message`, `invalid-event-name`, `reserved-event-name`, `cannot-encode`,
   * `payload-too-large` (over 256 KiB once encoded), `invalid-idempotency-key`, `idempotency-conflict`, `room-closed`,
   * `room-not-found` (with `create: false`), `rate-limited` (`retryAfter` says when to try again), `invalid-option` (the subject), `forbidden` and `internal-error` (a hook refused it, or failed),
   * `storage-unavailable` (its text says whether the outcome is unknown: with a key it is safe to try again).
   */
  publish(message: NewMessage, options?: PublishOptions): Promise<Published>
  /**
   * Appends messages next to each other: all of them, in one transaction and under one key, or, when it rejects, none.
   * At most 1,000, and 1 MiB once encoded (`payload-too-large`); an error names the message. Answers in their order.
   */
  publishAll(messages: readonly NewMessage[], options?: PublishOptions): Promise<Published[]>
  /** An event stream of the room: replay after the reader's cursor, then live. Refusals are problem responses. */
  subscribe(request: Request, options?: SubscribeOptions): Promise<Response>
  /** The same for code. It ends when the room is closed and everything was read. */
  read(options?: ReadOptions): AsyncIterable<RoomMessage | Gap>
  /**
   * Starts a producer that is registered where the room lives: what it yields is said in the room, whoever reads. Resolves
   * when the run is stored. `input` is anything that has a JSON, of at most 1 MiB. The room comes to life with it.
   *
   * A run that fails, is stopped, or is lost with its process ends with `stream.error {code, run, message}`, and a
   * `retryAfter` in seconds where that is known; one that was lost is not started again. Rejects with `unknown-producer`, `needs-room-object` (memory rooms on Workers),
   * `idempotency-conflict`, `invalid-idempotency-key`, `room-closed`, `room-not-found` (with `create: false`),
   * `rate-limited` (it counts as a message; and 16 may be at work in a room),
   * `cannot-encode`, `payload-too-large`, `storage-unavailable`.
   */
  start(producer: string, input: unknown, options?: StartOptions): Promise<Started>
  /** Stops a run. Resolves when its end is stored; one that has ended stays as it is. Rejects with `not-found`. */
  stop(run: string): Promise<void>
  /** Undefined for a room where nothing was ever published. */
  info(): Promise<RoomInfo | undefined>
  /**
   * Deletes all events. The ids go on counting: readers at the head notice nothing, one that lagged is told of the gap.
   * Rejects with `storage-unavailable`.
   */
  purge(): Promise<void>
  /**
   * Ends the room: readers get what they lack and the end, publishes are refused. Rejects with `room-not-found`,
   * `storage-unavailable`.
   */
  close(): Promise<void>
}

export interface Rooms {
  /**
   * The room of that name; nothing is created by asking for it. Names are `[A-Za-z0-9._~-]{1,64}`, not `.` or `..`;
   * throws `invalid-room` otherwise. Those that begin with `~` belong to edge-sse.
   */
  get(name: string): Room
}
