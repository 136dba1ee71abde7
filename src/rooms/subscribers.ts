/** Who reads a room now: fan-out to those that are live, and how many there are. */
import { formatMessage } from '../message.ts'
import type { Page } from './bridge.ts'

/** One reader as the room sees it. */
export interface Link {
  /** Takes a page: what it asked for, or, while it is live, what is new. `turn` is that of its ask. False when it did not. */
  receive(turn: number, page: Page): boolean
  /** Keeps the turn it is live under, 0 when it is not, where that outlives the engine. */
  attach?(turn: number): void
}

export class Subscribers {
  /** With the turn that each is live under; 0 while it is not live. */
  readonly #links: Map<Link, number>
  /** The number that was told last. */
  #told: number

  constructor(links: Iterable<readonly [Link, number]>) {
    this.#links = new Map(links)
    this.#told = this.#links.size
  }

  get count(): number {
    return this.#links.size
  }

  add(link: Link): void {
    this.#links.set(link, 0)
  }

  /** False when it was not there. */
  delete(link: Link): boolean {
    return this.#links.delete(link)
  }

  /** From here on a reader is live under `turn`, or, with 0, not any more. */
  setLive(link: Link, turn: number): void {
    const before = this.#links.get(link)
    if (before === undefined || before === turn) return
    this.#links.set(link, turn)
    link.attach?.(turn)
  }

  /** Gives a page to everyone who is live. Returns how many took it. */
  deliver(page: Page): number {
    let readers = 0
    for (const [link, turn] of this.#links) if (turn > 0 && link.receive(turn, page)) readers++
    return readers
  }

  /** Nobody is live any more. */
  stop(): void {
    for (const link of this.#links.keys()) this.setLive(link, 0)
  }

  /** The block that says how many there are. */
  presence(): string {
    return formatMessage({ event: 'stream.presence', data: { subscribers: this.count } })
  }

  /** True once the number has changed by one and by 5 % since it was told: a crowd that joins is told about log(n) times. */
  hasChanged(): boolean {
    const changed = Math.abs(this.count - this.#told) >= Math.max(1, this.#told * 0.05)
    if (changed) this.#told = this.count
    return changed
  }
}
