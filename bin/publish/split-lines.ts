/** Bytes as lines, as far as they are complete. */

export class LineSplitter {
  #rest: Buffer[] = []
  #length = 0
  #isFirst = true
  /** Bytes of a line. */
  readonly #longest: number

  constructor(longest: number) {
    this.#longest = longest
  }

  /** The lines that end in these bytes, without their LF or CRLF. Throws a `RangeError` for one that is too long. */
  *push(chunk: Uint8Array): Generator<Buffer> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    let start = 0
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      this.#keep(bytes.subarray(start, end))
      start = end + 1
      yield this.#take()
    }
    if (start < bytes.length) this.#keep(bytes.subarray(start))
  }

  /** The last line, where no line break follows it. */
  *end(): Generator<Buffer> {
    if (this.#length > 0) yield this.#take()
  }

  #keep(bytes: Buffer): void {
    this.#rest.push(bytes)
    this.#length += bytes.length
    if (this.#length > this.#longest) throw new RangeError('it is too long')
  }

  #take(): Buffer {
    let line = this.#rest.length === 1 && this.#rest[0] ? this.#rest[0] : Buffer.concat(this.#rest)
    this.#rest = []
    this.#length = 0
    if (this.#isFirst && line.subarray(0, 3).equals(BYTE_ORDER_MARK)) line = line.subarray(3)
    this.#isFirst = false
    return line.at(-1) === 13 ? line.subarray(0, -1) : line
  }
}

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])
