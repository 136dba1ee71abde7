/**
 * The room's side of the model: a real engine over a real log, and beside them the plain list of what was published.
 * Who drives it decides when the event loop turns, and when the engine is put to sleep, restarted or loses its log.
 */
import { type Command, isCursor, type Page } from '../../src/rooms/bridge.ts'
import type { Cursor } from '../../src/rooms/cursor.ts'
import { RoomEngine } from '../../src/rooms/engine.ts'
import type { Log } from '../../src/rooms/log.ts'
import type { Link } from '../../src/rooms/subscribers.ts'
import { type Answer, PublishedList } from './model-list.ts'
import { LARGEST_BATCH, ModelPublishers } from './model-publishers.ts'
import type { Referee } from './model-referee.ts'
import type { ModelStore } from './model-store.ts'
import { Witness } from './model-witness.ts'

/** A reader's place in the room: what the room sends goes down a channel that keeps order. */
export interface ModelLink extends Link {
  /** The turn it is live under, as it would outlive the engine. */
  readonly turn: number
  /** Turn of the ask the room heard last on it; 0 after a stop. */
  asked: number
}

/** Milliseconds that an event is kept, and an empty room. */
const DAY = 86_400_000

export interface RoomTerms {
  store: ModelStore
  /** Events retained, and their bytes. */
  retention: { events: number; bytes: number }
  /** Whether somebody is live all the while. */
  witnessed: boolean
}

export class ModelRoom {
  readonly published: PublishedList = new PublishedList()
  readonly publishers: ModelPublishers
  readonly links = new Set<ModelLink>()
  /** Links whose holder is gone, which the room has not heard of yet. */
  readonly #ghosts = new Set<ModelLink>()
  closed = false
  engine!: RoomEngine
  #log!: Log
  #witness: Witness | undefined
  /** Resolvers of the turns of the event loop that this engine waits for. */
  #turns: (() => void)[] = []
  #floor = 0
  /** Up to where events were let go by something else than their number. */
  #letGo = 0
  /** When the last event was let go. */
  #emptied = 0
  readonly #store: ModelStore
  readonly #terms: RoomTerms
  readonly #referee: Referee

  constructor(terms: RoomTerms, referee: Referee) {
    this.#terms = terms
    this.#store = terms.store
    this.#referee = referee
    this.publishers = new ModelPublishers(this, referee, terms.store)
    this.#start([])
    this.#watch()
  }

  get head(): number {
    return this.published.head
  }

  get floor(): Cursor {
    return this.#log.floor
  }

  /** The last seq that live readers were given, where somebody is there to see it. */
  get sent(): number | undefined {
    return this.#witness?.sent
  }

  /** The head as the log has it. */
  get logHead(): number {
    return this.#log.head.seq
  }

  tagAt(seq: number): string {
    return this.#log.tagAt(seq) ?? ''
  }

  /** True while something waits for the event loop. */
  get busy(): boolean {
    return this.#turns.length > 0
  }

  /** The event loop turns: for all who wait, or only for the one that waits longest. */
  turn(all = true): void {
    for (const resolve of this.#turns.splice(0, all ? this.#turns.length : 1)) resolve()
  }

  /** The requests of all publishes end before their turn comes: on Workers it then never does. */
  orphan(): void {
    this.#turns.length = 0
    this.publishers.abandon()
  }

  close(): void {
    if (!this.#log.exists) return
    this.closed = true
    this.engine.close()
    for (const { turn } of this.links) this.#referee.must(turn === 0, 'a link is live in a closed room')
  }

  purge(): void {
    this.engine.purge()
    this.#referee.must(this.floor.seq === this.head, `the floor is ${this.floor.seq} after a purge at ${this.head}`)
    if (this.head > this.#letGo) this.#emptied = Date.now()
    this.#letGo = this.head
  }

  /** The alarm: what is too old goes, in the end the room itself. */
  tidy(): void {
    const { must } = this.#referee
    const before = this.floor.seq
    const now = Date.now()
    this.engine.tidy()
    this.publishers.age()
    if (this.#log.exists || this.head === 0) {
      const old = Math.max(before, this.published.lastAt(now - DAY))
      must(this.floor.seq <= old, `${this.floor.seq} is let go, ${old} is not too old`)
      must(
        this.floor.seq === old || this.published.answered < this.head,
        `${old} is too old, the floor is ${this.floor.seq}`,
      )
      if (this.floor.seq > before && this.floor.seq === this.head) this.#emptied = now
      this.#letGo = Math.max(this.#letGo, this.floor.seq)
    } else {
      must(this.links.size === 0 && this.sent === undefined, 'a room that is read was forgotten')
      must(before === this.head && this.#emptied <= now - DAY, 'a room was forgotten too early')
      this.#referee.reach('a room that is forgotten')
      this.publishers.abandon()
      this.#forget()
    }
  }

  /** Puts the object to sleep, as the runtime does when nobody waits for it: memory goes, links and log stay. */
  evict(): void {
    const { sent = this.head } = this
    this.#referee.must(sent === this.head, `put to sleep at ${this.head} with ${sent} sent`)
    if ([...this.links].some(({ turn }) => turn > 0)) this.#referee.reach('an object that sleeps with live readers')
    this.#start([...(this.#witness ? [this.#witness] : []), ...this.links])
  }

  /** Restarts the object: whoever was connected is not any more, and nobody hears from the publishes that waited. */
  abort(): void {
    this.links.clear()
    this.#ghosts.clear()
    this.#start([])
    this.#watch()
  }

  /** As `abort`, and the log comes back as an older copy that ends at or before `seq`. */
  takeBack(seq: number): void {
    this.#store.takeBack(seq)
    this.abort()
    this.#forget()
  }

  /** The log has lost something, perhaps all. */
  #forget(): void {
    this.published.cut(this.#log.head.seq)
    this.publishers.forget(this.head)
    this.#floor = this.#letGo = this.floor.seq
    this.closed = this.#log.closed
  }

  connect(link: ModelLink): void {
    this.links.add(link)
    this.engine.connect(link)
  }

  /** The holder of a link is gone: the room will hear of it. */
  leave(link: ModelLink): void {
    if (this.links.has(link)) this.#ghosts.add(link)
  }

  /** The room hears of one holder that is gone. False when there is none. */
  hear(): boolean {
    const [ghost] = this.#ghosts
    if (!ghost) return false
    this.#ghosts.delete(ghost)
    this.links.delete(ghost)
    this.engine.disconnect(ghost)
    return true
  }

  /** Gives the engine a command, and says what it has to answer. `first`: the reader has not taken a page yet. */
  command(link: ModelLink, command: Command, first: boolean): Answer | undefined {
    const asks = 'position' in command
    const answer = asks ? this.published.answerTo(command.position, first, this.floor) : undefined
    const seq = asks && isCursor(command.position) && !answer?.gap ? command.position.seq : 0
    if (seq > (this.sent ?? seq)) this.#referee.reach('a cursor beyond what was sent')
    link.asked = asks ? command.turn : 0
    this.engine.command(link, command)
    if (!asks) this.#referee.must(link.turn === 0, 'a link is live after a stop')
    return answer
  }

  /** What holds of a room after every step. */
  check(): void {
    const { must } = this.#referee
    const { floor } = this
    must(floor.seq >= this.#floor, `the floor went back from ${this.#floor} to ${floor.seq}`)
    this.#floor = floor.seq
    must(floor.tag === this.published.cursorAt(floor.seq).tag, `the floor has the tag ${floor.tag}`)
    must(floor.seq <= (this.sent ?? floor.seq), `the floor ${floor.seq} passed what was sent`)
    const { events, bytes } = this.#terms.retention
    const kept = Math.min(events, this.head - this.#letGo)
    // With the frame that went last they were too long.
    const enough = this.head - floor.seq >= kept || this.published.bytesFrom(floor) > bytes
    must(enough, `only ${this.head - floor.seq} events are retained`)
  }

  /** What holds of a page that goes to a link: under the turn of its last ask, and no further than what was sent. */
  checkPage(link: ModelLink, turn: number, { to }: Page): void {
    const { must, reach } = this.#referee
    must(turn === link.asked, `sent under turn ${turn}, asked under ${link.asked}`)
    must(to.seq <= (this.sent ?? to.seq), `a page to ${to.seq} passed what was sent`)
    if (to.seq > 0 && to.tag === this.published.at(to.seq + 1)?.tag) reach('a page that ends inside a frame')
  }

  /** `readers` are those whose response is not over. */
  checkAtRest(readers: number): void {
    const { must } = this.#referee
    must(this.links.size === readers, `${this.links.size} links for ${readers} readers`)
    const { sent = this.head } = this
    must(sent === this.head, `sent ${sent} of ${this.head} at rest`)
    must(this.publishers.waiting === 0, 'a publish was never answered')
    const subscribers = this.links.size + (this.#witness ? 1 : 0)
    const { oldest, newest } = this.published.rangeAfter(this.floor.seq)
    const state = this.closed ? 'closed' : 'open'
    const info = this.head > 0 ? { oldest, newest, count: this.head - this.floor.seq, subscribers, state } : undefined
    must(JSON.stringify(this.engine.info()) === JSON.stringify(info), `${JSON.stringify(this.engine.info())} is wrong`)
  }

  /** What was published last found the room at rest, so nothing kept it from letting the oldest go. */
  checkBound(): void {
    const most = this.#terms.retention.events * 1.1 + LARGEST_BATCH
    this.#referee.must(this.closed || this.head - this.floor.seq <= most, `${this.head - this.floor.seq} are retained`)
  }

  #start(links: (Link & { readonly turn: number })[]): void {
    this.publishers.abandon()
    this.#log = this.#store.open()
    const turns: (() => void)[] = []
    this.#turns = turns // Those of an engine before are never resolved: it is gone.
    const turn = (): Promise<void> => new Promise((resolve) => turns.push(resolve))
    const { retention } = this.#terms
    this.engine = new RoomEngine(this.#log, turn, {
      retention,
      links: links.map((link) => [link, link.turn]),
    })
  }

  #watch(): void {
    if (!this.#terms.witnessed) return
    this.#witness = new Witness(this.#referee)
    this.engine.connect(this.#witness)
    this.engine.command(this.#witness, { turn: 1, position: 'live', first: true })
  }
}
