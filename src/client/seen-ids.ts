/** The ids that were handed out since the last gap, as far back as a server would ever repeat one. */

/** Ids remembered at least; at most twice as many. A room retains 1,000 events. */
const REMEMBERED = 2_048
/** Characters: no header would carry more. */
const LONGEST = 1_024

export class SeenIds {
  #younger = new Set<string>()
  #older = new Set<string>()

  has(id: string): boolean {
    return this.#younger.has(id) || this.#older.has(id)
  }

  add(id: string): void {
    if (id.length > LONGEST) return
    // By halves: a set that loses its first with each it gains looks for the next first ever longer.
    if (this.#younger.size >= REMEMBERED) {
      this.#older = this.#younger
      this.#younger = new Set()
    }
    this.#younger.add(id)
  }

  clear(): void {
    this.#younger.clear()
    this.#older.clear()
  }
}
