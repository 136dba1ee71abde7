/**
 * The room's side of a room, the same for every backend: it appends to the log, sends what is new to the readers that
 * are live, and answers those that ask for a page. Each public method is one synchronous block.
 *
 * `sent` is the last seq that live readers were given. Pages never go beyond it, retention never passes it: between the
 * two a reader that goes live misses nothing and gets nothing twice.
 */
import { SseError } from '../errors.ts'
import { formatMessage } from '../message.ts'
import type { RunRoom } from './active-run.ts'
import { type Command, isCursor, type Liveness, Page, type Position } from './bridge.ts'
import type { Cursor } from './cursor.ts'
import { cutPage, type Frame, type TextMessage } from './frame.ts'
import type { Log } from './log.ts'
import { LogKeeper, type LogKeeperOptions, notWritten, type PublishTerms, type Stored } from './log-keeper.ts'
import { cursorAt, gapAt, holds, infoOf } from './log-position.ts'
import type { RoomInfo } from './room.ts'
import type { Run } from './run.ts'
import { Runs } from './runs.ts'
import { type Link, Subscribers } from './subscribers.ts'

export interface EngineOptions extends LogKeeperOptions {
  /** Readers that were connected before this engine was made, with their turns: an object that slept finds its sockets so. */
  links?: Iterable<readonly [Link, number]>
  /** Milliseconds that a run may last. Defaults to `Infinity`. */
  longestRun?: number
}

/** Bytes of a page: enough to keep a reader busy for a round trip, little enough to hold one for each that lags. */
const PAGE = 65_536

/** What comes of publishes that wait for their flush: those after `kept` were undone. */
interface Fate {
  kept: number
  cause?: unknown
}

export class RoomEngine {
  readonly #log: Log
  readonly #keeper: LogKeeper
  readonly #subscribers: Subscribers
  /** Work that goes on here, whoever reads. */
  readonly runs: Runs
  /** Resolves when the event loop has turned once. */
  readonly #turn: () => Promise<void>
  /** What was appended after `sent`. */
  #pending: Frame[] = []
  #sent: Cursor
  /** From a flush until the event loop has turned: what is published meanwhile waits for the next. */
  #underWay = false
  #fate: Fate = { kept: Number.POSITIVE_INFINITY }

  constructor(
    log: Log,
    turn: () => Promise<void>,
    { links = [], longestRun = Number.POSITIVE_INFINITY, ...options }: EngineOptions = {},
  ) {
    this.#log = log
    this.#turn = turn
    this.#keeper = new LogKeeper(log, options)
    this.#sent = log.head
    this.#subscribers = new Subscribers(links)
    if (log.shared) log.shared.onUndo = (cause) => this.#undone(cause)
    const subscribers = this.#subscribers
    const room: RunRoom = {
      get subscribers() {
        return subscribers.count
      },
      publish: (messages) => this.publish(messages, { subject: '' }),
      finish: (messages, run) => this.#finish(messages, run),
    }
    this.runs = new Runs(log, this.#keeper, room, longestRun)
    this.runs.bury()
  }

  /** False for a room that nobody has published to and nobody reads. */
  get inUse(): boolean {
    return this.#log.exists || this.#isOccupied
  }

  /** False when all that this knows is in its log: another engine could go on where it stopped. */
  get busy(): boolean {
    return this.#underWay || this.#pending.length > 0 || this.#isOccupied || this.#keeper.deserted
  }

  get #isOccupied(): boolean {
    return this.#subscribers.count > 0 || this.runs.count > 0
  }

  /** Stores messages, all or none. Resolves when they, or the first use of their key, were sent to the live readers. */
  async publish(messages: TextMessage[], terms: PublishTerms): Promise<Stored> {
    const { stored, frames } = this.#keeper.publish(messages, terms, this.#sent.seq)
    if (this.#fate.kept < Number.POSITIVE_INFINITY) this.#fate = { kept: Number.POSITIVE_INFINITY }
    const fate = this.#fate
    this.#pending.push(...frames)
    if (frames.length > 0 && !this.#underWay && !this.#log.shared?.recent) this.#flushAndTurn()
    if (stored.last > this.#sent.seq) {
      // Each waits for a turn of its own: on Workers that of another request may never come (`decisions/005-turns.md`).
      await this.#turn()
      if (stored.last > this.#sent.seq) this.#turned()
    }
    if (stored.last > fate.kept) throw notWritten('publish', fate.cause)
    return stored
  }

  /** True when this key was used: what is published under it now would be a duplicate. */
  knows(terms: PublishTerms): boolean {
    return this.#keeper.find(terms) !== undefined
  }

  /** A reader is here. It gets nothing before it asks. */
  connect(link: Link): void {
    this.#subscribers.add(link)
    this.runs.audience()
    this.#announce()
  }

  /** `broke`: it may be on its way back. */
  disconnect(link: Link, broke = false): void {
    if (!this.#subscribers.delete(link)) return
    this.runs.audience(broke)
    this.#announce()
  }

  command(link: Link, command: Command): void {
    const page =
      'position' in command ? this.page(command.position, command.first, this.#subscribers.presence()) : undefined
    this.#subscribers.setLive(link, page?.live === 1 ? command.turn : 0)
    if (page) link.receive(command.turn, page)
  }

  /** What follows a position, up to a page: the gap before it where there is one, and `ifLive` where live begins. */
  page(position: Position, first = true, ifLive = ''): Page {
    const gap = gapAt(this.#log, position, first)
    const after = gap ? this.#log.floor : cursorAt(this.#log, position, this.#sent)
    if (after.seq > this.#sent.seq) {
      this.#flush()
      if (after.seq > this.#sent.seq) return this.page(position, first, ifLive) // It was undone: no cursor any more.
    }
    const { to, blocks } = cutPage(this.#log.framesAfter(after.seq), after, this.#sent.seq, PAGE)
    const live: Liveness = to.seq < this.#sent.seq ? 0 : this.#log.closed ? 2 : 1
    return new Page(
      isCursor(position) ? position.seq : '-',
      to,
      live,
      (gap ? formatMessage({ id: gap.id, event: gap.event, data: gap.gap }) : '') + blocks + (live === 1 ? ifLive : ''),
    )
  }

  /** True when the room is closed and a reader at `position` has read all of it. */
  isRead(position: Position): boolean {
    return this.#log.closed && isCursor(position) && position.seq === this.#log.head.seq && holds(this.#log, position)
  }

  /** As it is once what was published meanwhile is durable: an id that is told must not be undone. */
  info(): RoomInfo | undefined {
    if (!this.#log.exists) return undefined
    if (this.#pending.length > 0) this.#keeper.sync('look into the room')
    return infoOf(this.#log, this.#subscribers.count)
  }

  /** Lets all events go. Readers at the head notice nothing; their ids, and those of retries, stay good. */
  purge(): void {
    if (!this.#log.exists) return
    this.#flush()
    if (this.#sent.seq > this.#log.floor.seq) this.#keeper.letGo(this.#sent)
  }

  /** Lets go of what is too old, in the end of the log itself: see `LogKeeper`. */
  tidy(): number | undefined {
    this.runs.bury()
    const wait = this.#keeper.tidy(this.#sent.seq, this.#isOccupied)
    if (!this.#log.exists) this.#sent = this.#log.head
    return wait
  }

  /** Milliseconds until `tidy` is due, `undefined` when there is nothing to look after. */
  get due(): number | undefined {
    return this.#keeper.due
  }

  close(): void {
    this.#flush()
    if (!this.#log.exists) throw new SseError('room-not-found', 'Cannot close room: nothing was ever published to it')
    if (this.#log.closed) return
    this.#keeper.close()
    this.#closed()
  }

  #closed(): void {
    this.#subscribers.deliver(new Page(this.#sent.seq, this.#sent, 2, ''))
    this.#subscribers.stop()
    this.runs.stopAll()
  }

  /** Who reads gets the last messages of a run when they and its end are durable, and so no run ends in silence. */
  #finish(messages: TextMessage[], run: Run): void {
    this.#flush()
    const closes = run.then === 'close' && !this.#log.closed
    // In a room that was closed meanwhile nothing can be said any more.
    const frames = this.#keeper.finishRun(this.#log.closed ? [] : messages, run, closes, this.#sent.seq)
    this.#pending.push(...frames)
    this.#flush()
    if (closes) this.#closed()
  }

  /** The event loop has turned since the last flush: what came meanwhile goes out, in one write a reader. */
  #turned(): void {
    this.#underWay = this.#pending.length > 0
    if (this.#underWay) this.#flushAndTurn()
  }

  #flushAndTurn(): void {
    this.#flush()
    this.#underWay = true
    void this.#turn().then(() => this.#turned())
  }

  /** Gives live readers what lies between `sent` and the head, once it is durable; what cannot be made so is undone. */
  #flush(): void {
    if (this.#pending.length === 0) return
    try {
      this.#keeper.sync()
    } catch {
      // Those who wait for it are told by their fate. What is left was durable before.
    }
    while (this.#pending.length > 0) {
      const from = this.#sent
      const { to, blocks } = cutPage(this.#pending, from, this.#log.head.seq, PAGE)
      this.#sent = to
      while (this.#pending[0] && this.#pending[0].last <= to.seq) this.#pending.shift()
      this.#subscribers.deliver(new Page(from.seq, to, 1, blocks))
    }
  }

  /** The log has lost what was committed last: nobody was sent it, and who published it is refused. */
  #undone(cause: unknown): void {
    const { seq } = this.#log.head
    this.#fate.kept = Math.min(this.#fate.kept, seq)
    this.#fate.cause = cause
    this.#pending = this.#pending.filter(({ last }) => last <= seq)
  }

  #announce(): void {
    if (this.#log.closed || !this.#subscribers.hasChanged()) return
    this.#subscribers.deliver(new Page(this.#sent.seq, this.#sent, 1, this.#subscribers.presence()))
  }
}
