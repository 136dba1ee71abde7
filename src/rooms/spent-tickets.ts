/** Which tickets were used: the contract of who remembers it, and the one that does so in this process. */

/** Calls are synchronous: none may see half of another. Times are in milliseconds since 1970. */
export interface SpentTickets {
  /** False for one that was spent before, or has expired. Durable when it returns, where a log would be. */
  spend(id: string, expires: number, now: number): boolean
  /**
   * Forgets those that have expired: they let nobody in any more. A clock that steps back further than that makes such a
   * one good again, once; to refuse all that may have been forgotten would lock out who has a fresh one.
   */
  tidy(now: number): void
  /** Milliseconds until `tidy` has something to do, undefined where nobody need call it. */
  due(now: number): number | undefined
}

/** What one room knows of tickets that many share: the same id in another room is another ticket. No name holds a space. */
export const ticketsOf = (room: string, all: SpentTickets): SpentTickets => ({
  spend: (id, expires, now) => all.spend(`${room} ${id}`, expires, now),
  tidy: (now) => all.tidy(now),
  due: (now) => all.due(now),
})

/** Below this many it is not looked which have expired. */
const FEW = 1_000

/** For all rooms of a process: it holds at most twice as many as are good, and a few. */
export class MemoryTickets implements SpentTickets {
  /** With when they expire. */
  readonly #spent: Map<string, number>
  #most = FEW

  constructor(spent: Map<string, number> = new Map()) {
    this.#spent = spent
  }

  spend(id: string, expires: number, now: number): boolean {
    if (!(expires > now) || this.#spent.has(id)) return false
    if (this.#spent.size >= this.#most) this.tidy(now)
    this.#spent.set(id, expires)
    return true
  }

  tidy(now: number): void {
    for (const [id, expires] of this.#spent) if (expires <= now) this.#spent.delete(id)
    this.#most = Math.max(FEW, 2 * this.#spent.size)
  }

  due(): undefined {
    return undefined
  }
}
