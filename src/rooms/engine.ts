/**
 * The room's side of a room, the same for every backend: it appends to the log, sends what is new to the readers that
 * are live, and answers those that ask for a page. Each public method is one synchronous block.
 *
 * `sent` is the last seq that live readers were given. Pages never go beyond it, retention never passes it: between the
 * two a reader that goes live misses nothing and gets nothing twice.
 */
import { SseError } from '../errors.ts'
import { formatMessage } from '../message.ts'
import { delivered, meter } from '../meter.ts'
import type { RunRoom } from './active-run.ts'
import { type Command, isCursor, type Liveness, Page, type Position } from './bridge.ts'
import { Door, type DoorOptions } from './door.ts'
import { earlier } from './earlier.ts'
import { FanOut, PAGE } from './fan-out.ts'
import { cutPage, type TextMessage } from './frame.ts'
import type { Log } from './log.ts'
import { LogKeeper, type LogKeeperOptions, type PublishTerms, type Stored } from './log-keeper.ts'
import { cursorAt, gapAt, holds, infoOf } from './log-position.ts'
import type { RoomInfo } from './room.ts'
import type { Run } from './run.ts'
import { Runs } from './runs.ts'
import { type Link, Subscribers } from './subscribers.ts'
import type { Ticket } from './ticket.ts'

export interface EngineOptions extends LogKeeperOptions, DoorOptions {
  /** Readers that were connected before this engine was made, with their turns: an object that slept finds its sockets so. */
  links?: Iterable<readonly [Link, number]>
  /** Milliseconds that a run may last. Defaults to `Infinity`. */
  longestRun?: number
}

export class RoomEngine {
  readonly #log: Log
  readonly #keeper: LogKeeper
  readonly #subscribers: Subscribers
  /** Work that goes on here, whoever reads. */
  readonly runs: Runs
  readonly #fanOut: FanOut
  readonly #door: Door

  constructor(
    log: Log,
    turn: () => Promise<void>,
    { links = [], longestRun = Number.POSITIVE_INFINITY, retention, remind = () => {}, ...door }: EngineOptions = {},
  ) {
    this.#log = log
    this.#door = new Door(door)
    // There may be one reminder alone: the earlier one is asked for.
    this.#keeper = new LogKeeper(log, { retention, remind: (wait) => remind(earlier(wait, this.#door.due)) })
    this.#subscribers = new Subscribers(links)
    this.#fanOut = new FanOut(log, this.#keeper, this.#subscribers, turn)
    const subscribers = this.#subscribers
    const room: RunRoom = {
      get subscribers() {
        return subscribers.count
      },
      publish: (messages) => this.#append(messages, { subject: '' }),
      finish: (messages, run) => this.#finish(messages, run),
    }
    this.runs = new Runs(log, this.#keeper, room, {
      longest: longestRun,
      allow: (subject) => this.#door.hear(1, subject),
    })
    this.runs.bury()
  }

  /** False for a room that nobody has published to and nobody reads. */
  get inUse(): boolean {
    return this.#log.exists || this.#isOccupied
  }

  /** False when all that this knows is in its log: another engine could go on where it stopped. */
  get busy(): boolean {
    return this.#fanOut.busy || this.#isOccupied || this.#keeper.deserted || this.#door.busy
  }

  get #isOccupied(): boolean {
    return this.#subscribers.count > 0 || this.runs.count > 0
  }

  /** Stores messages, all or none. Resolves when they, or the first use of their key, were sent to the live readers. */
  publish(messages: TextMessage[], terms: PublishTerms): Promise<Stored> {
    return this.#append(messages, terms, () => this.#door.hear(messages.length, terms.subject))
  }

  /** `allow` is asked where something would be stored. */
  async #append(messages: TextMessage[], terms: PublishTerms, allow?: () => void): Promise<Stored> {
    const began = performance.now()
    const { stored, frames } = this.#keeper.publish(messages, terms, this.#fanOut.sent.seq, allow)
    await this.#fanOut.send(frames, stored.last)
    if (!stored.duplicate) {
      meter.publishes += messages.length
      meter.published(performance.now() - began)
    }
    return stored
  }

  /** False for a key that was used: what is published under it would be a duplicate. Throws where the room takes nothing. */
  isNew(terms: PublishTerms): boolean {
    if (this.#keeper.find(terms)) return false
    this.#keeper.checkOpen('publish', terms.create)
    return true
  }

  /** Before a reader is connected, in the same block: throws what refuses it, and spends its ticket. */
  admit(ticket?: Ticket): void {
    const { due } = this.#door
    this.#door.admit(this.#subscribers.count, ticket)
    if (due === undefined && this.#door.due !== undefined) this.#keeper.askForLook(() => this.due ?? 0)
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
    const after = gap ? this.#log.floor : cursorAt(this.#log, position, this.#fanOut.sent)
    if (after.seq > this.#fanOut.sent.seq) {
      this.#fanOut.flush()
      if (after.seq > this.#fanOut.sent.seq) return this.page(position, first, ifLive) // It was undone: no cursor any more.
    }
    const { to, blocks, bytes } = cutPage(this.#log.framesAfter(after.seq), after, this.#fanOut.sent.seq, PAGE)
    if (gap) meter.gaps[gap.gap.reason]++
    if (to.seq > after.seq) meter.replays++
    delivered(1, to.seq - after.seq, bytes)
    const live: Liveness = to.seq < this.#fanOut.sent.seq ? 0 : this.#log.closed ? 2 : 1
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
    if (this.#fanOut.waits) this.#keeper.sync('look into the room')
    return infoOf(this.#log, this.#subscribers.count)
  }

  /** Lets all events go. Readers at the head notice nothing; their ids, and those of retries, stay good. */
  purge(): void {
    if (!this.#log.exists) return
    this.#fanOut.flush()
    if (this.#fanOut.sent.seq > this.#log.floor.seq) this.#keeper.letGo(this.#fanOut.sent)
  }

  /** Lets go of what is too old, in the end of the log itself: see `LogKeeper`. */
  tidy(): number | undefined {
    this.runs.bury()
    const wait = this.#keeper.tidy(this.#fanOut.sent.seq, this.#isOccupied)
    if (!this.#log.exists) this.#fanOut.sent = this.#log.head
    this.#door.tidy()
    return earlier(wait, this.#door.due)
  }

  /** Milliseconds until `tidy` is due, `undefined` when there is nothing to look after. */
  get due(): number | undefined {
    return earlier(this.#keeper.due, this.#door.due)
  }

  close(): void {
    this.#fanOut.flush()
    if (!this.#log.exists) throw new SseError('room-not-found', 'Cannot close room: nothing was ever published to it')
    if (this.#log.closed) return
    this.#keeper.close()
    this.#closed()
  }

  #closed(): void {
    this.#subscribers.deliver(new Page(this.#fanOut.sent.seq, this.#fanOut.sent, 2, ''))
    this.#subscribers.stop()
    this.runs.stopAll()
  }

  /** Who reads gets the last messages of a run when they and its end are durable, and so no run ends in silence. */
  #finish(messages: TextMessage[], run: Run): void {
    this.#fanOut.flush()
    const closes = run.then === 'close' && !this.#log.closed
    // In a room that was closed meanwhile nothing can be said any more.
    const last = this.#log.closed ? [] : messages
    const frames = this.#keeper.finishRun(last, run, closes, this.#fanOut.sent.seq)
    meter.publishes += last.length
    this.#fanOut.sendNow(frames)
    if (closes) this.#closed()
  }

  #announce(): void {
    if (this.#log.closed || !this.#subscribers.hasChanged()) return
    this.#subscribers.deliver(new Page(this.#fanOut.sent.seq, this.#fanOut.sent, 1, this.#subscribers.presence()))
  }
}
