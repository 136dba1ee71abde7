/** Who reads a room now: fan-out to those that are live, and how many there are. */
import { formatMessage } from '../message.ts'
import type { Page } from './bridge.ts'

/** One reader as the room sees it. */
export interface Link {
  /** The turn it is live under; 0 while it is not live. */
  turn: number
  deliver(turn: number, page: Page): void
}

export class Subscribers {
  readonly #links: Set<Link>
  /** The number that was told last. */
  #told: number

  constructor(links: Iterable<Link>) {
    this.#links = new Set(links)
    this.#told = this.#links.size
  }

  get count(): number {
    return this.#links.size
  }

  add(link: Link): void {
    this.#links.add(link)
  }

  /** False when it was not there. */
  delete(link: Link): boolean {
    return this.#links.delete(link)
  }

  /** Gives a page to everyone who is live. */
  deliver(page: Page): void {
    for (const link of this.#links) if (link.turn > 0) link.deliver(link.turn, page)
  }

  /** Nobody is live any more. */
  stop(): void {
    for (const link of this.#links) link.turn = 0
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
