/** The ids since the last gap with the number of the response that had them, as far back as a server would ever repeat one. */

/** Ids remembered at least; at most twice as many. A room retains 1,000 events. */
const REMEMBERED = 2_048
/** Characters: no longer one is ever sent back. */
const LONGEST = 4_096

/** By halves: one map that loses its first with each it gains would look for the next first ever longer. */
export class SeenIds {
  younger: Map<string, number> = new Map()
  older: Map<string, number> = new Map()

  /** Gives what it was added with before, undefined for a new one. */
  add(id: string, response = 0): number | undefined {
    const before = this.younger.get(id) ?? this.older.get(id)
    if (id.length > LONGEST) return before
    if (this.younger.size >= REMEMBERED) {
      this.older = this.younger
      this.younger = new Map()
    }
    this.younger.set(id, response)
    return before
  }

  clear(): void {
    this.younger.clear()
    this.older.clear()
  }
}
