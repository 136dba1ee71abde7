/** The ids that were handed out since the last gap, as far back as a server would ever repeat one. */

/** Characters of ids that are kept at least: some 6,000 of a room, which retains 1,000 events. */
const KEPT = 131_072

/** Nothing is looked for until a stream is resumed: who reads on pays for an id in a list. */
export class HandedOut {
  /** Each behind a line break. */
  #text = ''
  #piece: string[] = []
  #earlier: Set<string> | undefined

  /** Says whether it is new: a server that ignores where its reader stopped begins anew. */
  add(id: string): boolean {
    return !this.#earlier?.has(id) && this.#piece.push(id) > 0
  }

  /** After each piece of the stream. */
  settle(): void {
    // Made anew: an id alone would keep all of the chunk that it was cut out of.
    if (this.#piece.length > 0) this.#text += `\n${this.#piece.splice(0).join('\n')}`
    if (this.#text.length > 2 * KEPT) this.#text = this.#text.slice(-KEPT)
  }

  /** Before each response. */
  resume(): void {
    this.settle()
    // The first is nothing, or was cut off.
    const [, ...ids] = this.#text.split('\n')
    const earlier = new Set(ids)
    // A server that gives an id to several messages names something else by it.
    this.#earlier = earlier.size === ids.length ? earlier : undefined
  }
}
