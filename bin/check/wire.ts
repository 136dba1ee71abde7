/** The bytes of an event stream, line by line and block by block, with what readers hide: line ends, times, bad bytes. */
import { isUtf8 } from 'node:buffer'
import { type Block, blockOf, type Line } from './block.ts'

/** What is kept of one stream at most; beyond it nothing more is read. */
const MOST = { bytes: 2 * 1_048_576, lines: 50_000, pieces: 50_000 }
const LF = 10
const CR = 13

export class Wire {
  readonly blocks: Block[] = []
  readonly lines: Line[] = []
  /** It began with a byte order mark, which readers take off. */
  hasBom = false
  bytes = 0
  #line: Buffer[] = []
  #block: Line[] = []
  #pieces = 0
  #afterCr: Line | undefined

  /** It takes no more. */
  get isFull(): boolean {
    return this.bytes >= MOST.bytes || this.lines.length >= MOST.lines || this.#pieces >= MOST.pieces
  }

  /** The bytes after the last line end. */
  get rest(): Buffer {
    return Buffer.concat(this.#line)
  }

  /** The lines after the last blank one: no block yet. */
  get open(): readonly Line[] {
    return this.#block
  }

  /** It stands inside a block: a piece that ends here was no whole one. */
  get isInside(): boolean {
    return this.#block.length > 0 || this.#line.length > 0
  }

  push(piece: Buffer, at: number): void {
    this.bytes += piece.byteLength
    this.#pieces++
    let start = 0
    for (let index = 0; index < piece.byteLength && !this.isFull; index++) {
      const byte = piece[index]
      const follows = this.#afterCr
      this.#afterCr = undefined
      if (byte === LF && follows && index === start) {
        follows.end = 'crlf'
        start = index + 1
      } else if (byte === LF || byte === CR) {
        const line = this.#finish(piece.subarray(start, index), byte === LF ? 'lf' : 'cr', at)
        if (byte === CR) this.#afterCr = line
        start = index + 1
      }
    }
    if (start < piece.byteLength) this.#line.push(piece.subarray(start))
  }

  #finish(end: Buffer, how: 'lf' | 'cr', at: number): Line {
    const bytes = this.#line.length === 0 ? end : Buffer.concat([...this.#line, end])
    this.#line = []
    let text = bytes.toString('utf8')
    if (this.lines.length === 0 && text.startsWith('\ufeff')) {
      this.hasBom = true
      text = text.slice(1)
    }
    const line: Line = { at, text, end: how, bytes: bytes.byteLength, isUtf8: isUtf8(bytes) }
    this.lines.push(line)
    if (text !== '') this.#block.push(line)
    else if (this.#block.length > 0) {
      this.blocks.push(blockOf(this.#block, at))
      this.#block = []
    }
    return line
  }
}
