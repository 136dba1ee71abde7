/** The cursors that a tab has come by, as far back as another tab would ever be. */

/** Cursors remembered at least; at most twice as many. A room retains 1,000 events. */
const REMEMBERED = 2_048
/** Characters: no longer one is ever sent to a server. */
const LONGEST = 4_096

/** By halves: a set that loses its first with each it gains would look for the next first ever longer. */
export class KnownCursors {
  #younger = new Set<string>()
  #older = new Set<string>()

  add(cursor: string): void {
    if (cursor.length > LONGEST) return
    if (this.#younger.size >= REMEMBERED) {
      this.#older = this.#younger
      this.#younger = new Set()
    }
    // Made anew: a part of a chunk would keep all of it.
    this.#younger.add(` ${cursor}`.slice(1))
  }

  has(cursor: string): boolean {
    return this.#younger.has(cursor) || this.#older.has(cursor)
  }

  /** Oldest first. */
  *[Symbol.iterator](): Generator<string> {
    yield* this.#older
    yield* this.#younger
  }
}
