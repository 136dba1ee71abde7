/** A file that keeps where a stream was read to, also when the process is killed. */
import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs'
import { printable } from '../printable.ts'

export class ResumeFile {
  /** Of the run before; undefined where there was none. */
  readonly lastEventId: string | undefined
  readonly #url: string
  readonly #file: number
  #length: number
  #last: string | undefined

  /** Throws where it cannot be written, is no such file, or is that of another stream. */
  constructor(path: string, url: URL) {
    this.#url = url.href
    const refused = (why: string): Error => new Error(`Cannot resume: ${printable(path, { atMost: 200 })} ${why}`)
    let text: string
    try {
      this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600)
      text = readFileSync(this.#file, 'utf8')
    } catch (error) {
      throw refused(`cannot be opened: ${(error as Error).message}`)
    }
    this.#length = Buffer.byteLength(text)
    if (text.trim() === '') return
    const kept = parsed(text)
    if (!kept) throw refused('is not a file that --resume has written: name another')
    if (kept.url !== this.#url) throw refused(`is that of ${printable(kept.url, { atMost: 200 })}: name another`)
    this.lastEventId = kept.lastEventId
    this.#last = kept.lastEventId
  }

  /** In one write, over what was there: a kill leaves the one or the other. */
  reached(lastEventId: string): void {
    if (lastEventId === this.#last) return
    this.#last = lastEventId
    const line = JSON.stringify({ url: this.#url, lastEventId })
    // What is longer is written over with spaces, and not cut off: that would be a second step.
    const bytes = Buffer.from(`${line}${' '.repeat(Math.max(0, this.#length - Buffer.byteLength(line) - 1))}\n`)
    this.#length = bytes.byteLength
    writeSync(this.#file, bytes, 0, bytes.byteLength, 0)
  }

  close(): void {
    closeSync(this.#file)
  }
}

function parsed(text: string): { url: string; lastEventId: string } | undefined {
  try {
    const { url, lastEventId } = JSON.parse(text)
    return typeof url === 'string' && typeof lastEventId === 'string' ? { url, lastEventId } : undefined
  } catch {
    return undefined
  }
}
