/** The ids since the last gap with the number of the response that had them, as far back as a server would ever repeat one. */

/** Ids remembered at least; at most twice as many. A room retains 1,000 events. */
const REMEMBERED = 2_048
/** Characters: no header would carry more. */
const LONGEST = 1_024

export class SeenIds {
  #younger = new Map<string, number>()
  #older = new Map<string, number>()

  /** What it was added with last. */
  get(id: string): number | undefined {
    return this.#younger.get(id) ?? this.#older.get(id)
  }

  add(id: string, response = 0): void {
    if (!id || id.length > LONGEST) return
    // By halves: a map that loses its first with each it gains looks for the next first ever longer.
    if (this.#younger.size >= REMEMBERED) {
      this.#older = this.#younger
      this.#younger = new Map()
    }
    this.#younger.set(id, response)
  }

  clear(): void {
    this.#younger.clear()
    this.#older.clear()
  }

  /** Oldest first. */
  *[Symbol.iterator](): Generator<string> {
    yield* this.#older.keys()
    yield* this.#younger.keys()
  }
}
