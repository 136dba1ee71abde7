/** The ids that were handed out since the last gap, as far back as a server would ever repeat one. */

/** Characters of ids that are kept at least: some 6,000 of a room, which retains 1,000 events. */
const KEPT = 131_072

/** Nothing is looked for until a stream is resumed: who reads on pays for an id in a list. */
export class HandedOut {
  /** Each between two line breaks. */
  #text = '\n'
  #piece: string[] = []
  #earlier: Set<string> | undefined

  /** Says whether it is new: a server that ignores where its reader stopped begins anew. */
  add(id: string): boolean {
    return !this.#earlier?.has(id) && this.#piece.push(id) > 0
  }

  /** After each piece of the stream. */
  settle(): void {
    // Made anew: an id alone would keep all of the chunk that it was cut out of.
    this.#text += [...this.#piece.splice(0), ''].join('\n')
    if (this.#text.length > 2 * KEPT) this.#text = this.#text.slice(-KEPT)
  }

  /** Before each response. */
  resume(): void {
    this.settle()
    // The first is nothing, or was cut off; the last is nothing, which no id is.
    const [, ...ids] = this.#text.split('\n')
    const earlier = new Set(ids)
    // A server that gives an id to several messages names something else by it. Where there are none, there is no
    // looking: on Deno (2.9) that is more than a third of what a message costs.
    this.#earlier = ids[0] && earlier.size === ids.length ? earlier : undefined
  }
}
