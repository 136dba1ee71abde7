/** The stream between a holder and its client: what waits in it, and who waits for it to drain. */
import type { Page } from '../../src/rooms/bridge.ts'
import { type Cursor, parseCursor } from '../../src/rooms/cursor.ts'
import { blocksOf } from './model-blocks.ts'
import type { Referee } from './model-referee.ts'

export interface StreamTerms {
  /** Bytes that may wait for the client. */
  budget: number
  /** Bytes of a page. */
  page: number
}

interface Chunk {
  bytes: number
  /** Bytes of events alone: what the stream says of itself is not counted in a page. */
  eventBytes: number
  /** The client's id after each message that has one. */
  ids: Cursor[]
}

/** Bytes of a `stream.live`, more or less, and of a beat that is worth noticing. */
const LIVE = 48
const BEAT = 40

export class ModelStream {
  readonly #budget: number
  readonly #referee: Referee
  readonly #chunks: Chunk[] = []
  #queued = 0
  /** A page, or the largest block if that is larger. */
  #unit: number
  #waiting: (() => void)[] = []

  constructor({ budget, page }: StreamTerms, referee: Referee) {
    this.#budget = budget
    this.#unit = page
    this.#referee = referee
  }

  get full(): boolean {
    return this.#queued >= this.#budget
  }

  take(page: Page): void {
    const blocks = blocksOf(page)
    const events = blocks.filter(({ isEvent }) => isEvent).map(({ bytes }) => bytes)
    this.#unit = Math.max(this.#unit, ...events)
    const ids = blocks.flatMap(({ message: { id } }) => parseCursor(id ?? '') ?? [])
    this.#enqueue({ bytes: page.bytes.byteLength, eventBytes: events.reduce((sum, bytes) => sum + bytes, 0), ids })
  }

  live(at: Cursor): void {
    this.#enqueue({ bytes: LIVE, eventBytes: 0, ids: [at] })
  }

  /** Some silence passed: a beat is sent, unless the client is behind. */
  beat(): void {
    if (!this.full) this.#enqueue({ bytes: BEAT, eventBytes: 0, ids: [] })
  }

  /** The client reads a chunk: the ids in it. */
  read(): Cursor[] | undefined {
    const chunk = this.#chunks.shift()
    this.#queued -= chunk?.bytes ?? 0
    return chunk?.ids
  }

  whenDrained(call: () => void): void {
    this.#waiting.push(call)
  }

  /** Whoever waits for room hears that there is some, perhaps late. False when nobody waits. */
  drain(): boolean {
    const waiting = this.#waiting.splice(0)
    for (const call of waiting) call()
    return waiting.length > 0
  }

  check(): void {
    const bytes = this.#chunks.reduce((sum, { eventBytes }) => sum + eventBytes, 0)
    const most = this.#budget - 1 + this.#unit
    this.#referee.must(bytes <= most, `${bytes} bytes of events wait, over ${most}`)
  }

  #enqueue(chunk: Chunk): void {
    this.#chunks.push(chunk)
    this.#queued += chunk.bytes
  }
}
