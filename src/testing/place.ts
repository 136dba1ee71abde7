/**
 * A place in a stream of bytes, found as they come.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
import { SseError } from '../errors.ts'

/** After so many bytes, or after so many whole messages. Blocks without data, comments for one, are no messages. */
export type Place = { bytes: number } | { messages: number }

const LF = 10
const CR = 13
const COLON = 58
const DATA = [...'data'].map((character) => character.charCodeAt(0))
const BOM = [0xef, 0xbb, 0xbf]

/** Says of each chunk where in it the place is. */
export class PlaceFinder {
  #left: number
  readonly #inMessages: boolean
  /** Bytes of the whole stream. */
  #at = 0
  /** Of the line that is being read: how many bytes it has, and whether they are those of `data` so far. */
  #column = 0
  #isData = true
  /** Whether the block has a line of data. */
  #hasData = false
  #afterCr = false

  constructor(place: Place) {
    this.#inMessages = 'messages' in place
    this.#left = 'messages' in place ? place.messages : place.bytes
    if (!Number.isSafeInteger(this.#left) || this.#left < 0)
      throw new SseError('invalid-option', 'Cannot find a place: it is not a whole number of bytes or messages')
  }

  get isReached(): boolean {
    return this.#left === 0
  }

  /** How many bytes of it are before the place: all of them, unless it is reached. */
  before(chunk: Uint8Array): number {
    if (!this.#inMessages) {
      const before = Math.min(this.#left, chunk.length)
      this.#left -= before
      return before
    }
    for (const [index, byte] of chunk.entries()) {
      this.#take(byte)
      // A CR that ends a message takes its LF along: readers wait for what comes after it.
      if (this.isReached) return byte === CR && chunk[index + 1] === LF ? index + 2 : index + 1
    }
    return chunk.length
  }

  #take(byte: number): void {
    const first = this.#at++
    if (byte === BOM[first]) return
    const isRest = byte === LF && this.#afterCr
    this.#afterCr = byte === CR
    if (isRest) return
    if (byte === LF || byte === CR) return this.#endLine()
    const column = this.#column++
    if (column < DATA.length) this.#isData &&= byte === DATA[column]
    else if (column === DATA.length) this.#isData &&= byte === COLON
  }

  #endLine(): void {
    if (this.#column === 0) {
      if (this.#hasData) this.#left--
      this.#hasData = false
    } else if (this.#isData && this.#column >= DATA.length) this.#hasData = true
    this.#column = 0
    this.#isData = true
  }
}
