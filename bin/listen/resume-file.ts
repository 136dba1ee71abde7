/** A file that keeps where a stream was read to, also when the process is killed. */
import { closeSync, constants, fstatSync, openSync, readFileSync, writeSync } from 'node:fs'
import { printable } from '../printable.ts'
import { shownUrl } from '../shown-url.ts'

/** Bytes: a URL and an id, each as long as a request can be. */
const LONGEST = 65_536

export class ResumeFile {
  /** Of the run before; undefined where there was none. */
  readonly lastEventId: string | undefined
  readonly #url: string
  readonly #file: number
  #length: number
  #last: string | undefined

  /** Throws where it cannot be written, is no such file, or is that of another stream. */
  constructor(path: string, url: URL) {
    this.#url = identity(url)
    const refused = (why: string): Error => new Error(`Cannot resume: ${printable(path, { atMost: 200 })} ${why}`)
    let text: string | undefined
    try {
      // A pipe is not waited for.
      this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NONBLOCK, 0o600)
      const status = fstatSync(this.#file)
      if (status.isFile() && status.size <= LONGEST) text = readFileSync(this.#file, 'utf8')
    } catch (error) {
      throw refused(`cannot be opened: ${(error as Error).message}`)
    }
    this.#length = Buffer.byteLength(text ?? '')
    if (text?.trim() === '') return
    const kept = text === undefined ? undefined : parsed(text)
    if (!kept) throw refused('is not a file that --resume has written: name another')
    if (kept.url !== this.#url)
      throw refused(`is that of ${printable(shownUrl(kept.url), { atMost: 200 })}: name another`)
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

/** A ticket opens a stream once, and the next run has another: it does not say which stream it is. */
function identity({ href }: URL): string {
  const url = new URL(href)
  if (url.searchParams.has('ticket')) url.searchParams.delete('ticket')
  return url.href
}

function parsed(text: string): { url: string; lastEventId: string } | undefined {
  try {
    const { url, lastEventId } = JSON.parse(text)
    return typeof url === 'string' && typeof lastEventId === 'string' ? { url, lastEventId } : undefined
  } catch {
    return undefined
  }
}
