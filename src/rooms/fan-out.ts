/**
 * From the log to the readers that are live: what finds the room at rest goes out at once; what is appended until the event
 * loop has turned goes out together, in one write a reader, once it is durable.
 */
import { delivered } from '../meter.ts'
import { Page } from './bridge.ts'
import type { Cursor } from './cursor.ts'
import { cutPage, type Frame } from './frame.ts'
import type { Log } from './log.ts'
import { type LogKeeper, notWritten } from './log-keeper.ts'
import type { Subscribers } from './subscribers.ts'

/** Bytes of a page: enough to keep a reader busy for a round trip, little enough to hold one for each that lags. */
export const PAGE = 65_536

/** What comes of publishes that wait for their flush: those after `kept` were undone. */
interface Fate {
  kept: number
  cause?: unknown
}

export class FanOut {
  /** The last event that live readers were given. */
  sent: Cursor
  readonly #log: Log
  readonly #keeper: LogKeeper
  readonly #subscribers: Subscribers
  /** Resolves when the event loop has turned once. */
  readonly #turn: () => Promise<void>
  /** What was appended after `sent`. */
  #pending: Frame[] = []
  /** From a flush until the event loop has turned: what is published meanwhile waits for the next. */
  #underWay = false
  #fate: Fate = { kept: Number.POSITIVE_INFINITY }

  constructor(log: Log, keeper: LogKeeper, subscribers: Subscribers, turn: () => Promise<void>) {
    this.#log = log
    this.#keeper = keeper
    this.#subscribers = subscribers
    this.#turn = turn
    this.sent = log.head
    if (log.shared) log.shared.onUndo = (cause) => this.#undone(cause)
  }

  /** Something waits to be sent. */
  get waits(): boolean {
    return this.#pending.length > 0
  }

  /** Something was sent just now, or waits to be. */
  get busy(): boolean {
    return this.#underWay || this.waits
  }

  /** Takes what was appended, and resolves when the log was sent up to `last`. Rejects when that was undone. */
  async send(frames: Frame[], last: number): Promise<void> {
    if (this.#fate.kept < Number.POSITIVE_INFINITY) this.#fate = { kept: Number.POSITIVE_INFINITY }
    const fate = this.#fate
    this.#pending.push(...frames)
    if (frames.length > 0 && !this.#underWay && !this.#log.shared?.recent) this.#flushAndTurn()
    if (last > this.sent.seq) {
      // Each waits for a turn of its own: on Workers that of another request may never come (`decisions/005-turns.md`).
      await this.#turn()
      if (last > this.sent.seq) this.#turned()
    }
    if (last > fate.kept) throw notWritten('publish', fate.cause)
  }

  /** The same for what is durable already: at once, after all that waits. */
  sendNow(frames: Frame[]): void {
    this.#pending.push(...frames)
    this.flush()
  }

  /** Gives live readers what lies between `sent` and the head, once it is durable; what cannot be made so is undone. */
  flush(): void {
    if (this.#pending.length === 0) return
    try {
      this.#keeper.sync()
    } catch {
      // Those who wait for it are told by their fate. What is left was durable before.
    }
    while (this.#pending.length > 0) {
      const from = this.sent
      const { to, blocks, bytes } = cutPage(this.#pending, from, this.#log.head.seq, PAGE)
      this.sent = to
      while (this.#pending[0] && this.#pending[0].last <= to.seq) this.#pending.shift()
      const readers = this.#subscribers.deliver(new Page(from.seq, to, 1, blocks))
      delivered(readers, to.seq - from.seq, bytes)
    }
  }

  /** The event loop has turned since the last flush: what came meanwhile goes out, in one write a reader. */
  #turned(): void {
    this.#underWay = this.#pending.length > 0
    if (this.#underWay) this.#flushAndTurn()
  }

  #flushAndTurn(): void {
    this.flush()
    this.#underWay = true
    void this.#turn().then(() => this.#turned())
  }

  /** The log has lost what was committed last: nobody was sent it, and who published it is refused. */
  #undone(cause: unknown): void {
    const { seq } = this.#log.head
    this.#fate.kept = Math.min(this.#fate.kept, seq)
    this.#fate.cause = cause
    this.#pending = this.#pending.filter(({ last }) => last <= seq)
  }
}
