/**
 * The wire format coming in: bytes of an event stream as messages (why not another's parser: decisions/014-parser.md).
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
import { SseError } from './errors.ts'

/** A message as it was read: `data` is text, `event` is absent for the default `message`. */
export interface ParsedMessage {
  data: string
  event?: string | undefined
  /** The `id:` line of this very message; absent when it had none. */
  id?: string | undefined
}

export interface ParseOptions {
  /** Called with the text of each comment, in the order of the stream. */
  onComment?: (text: string) => void
  /**
   * Called with the id of each block that has one, also of one without data: what `Last-Event-ID` is from there on, `''`
   * for none. In order with the messages: once all before it were taken, and before that of its own block is given.
   */
  onId?: (id: string) => void
  /** Called with each `retry:` in milliseconds. */
  onRetry?: (milliseconds: number) => void
  /** The longest message or line held, in characters; beyond it the iteration throws `buffer-limit`. Defaults to 1 Mi. */
  maxLength?: number | undefined
}

/**
 * Reads an event stream. The stream is cancelled when the iteration stops early; what the last chunk left without a
 * blank line is not a message. Throws an `SseError` with code `buffer-limit` for a message longer than `maxLength`.
 *
 * @example
 * ```ts
 * import { parseMessages } from 'edge-sse'
 * const { body } = new Response('id: 1\ndata: hello\n\n')
 * for await (const { id, data } of parseMessages(body!)) console.log(id, data) // 1 hello
 * ```
 */
export async function* parseMessages(
  body: AsyncIterable<Uint8Array>,
  options: ParseOptions = {},
): AsyncGenerator<ParsedMessage, void, undefined> {
  const parser = new BlockParser(options)
  for await (const chunk of body) {
    for (const block of parser.feed(chunk)) {
      if (block.id !== undefined) options.onId?.(block.id)
      if (isMessage(block)) yield block
    }
    if (parser.error) throw parser.error
  }
}

const BOM = 0xfeff

/** What stood between two blank lines. It is a message when it has data; an id alone is one to go on after. */
export interface Block {
  id?: string | undefined
  event?: string | undefined
  data?: string | undefined
}

export const isMessage = (block: Block): block is ParsedMessage => block.data !== undefined

/** The same for who has the chunks. */
export class BlockParser {
  /** What is wrong after the blocks that were given: from here on there are none. */
  error: SseError | undefined
  // Not told to strip a BOM: Node's decoder strips a second one where the first is cut in two (24.21).
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true } as { fatal: false; ignoreBOM: true })
  readonly #options: Omit<ParseOptions, 'onId'>
  readonly #maxLength: number
  /** What the next chunk may begin with and is not counted: a BOM, the LF of a CRLF that was cut in two. */
  #skipped = BOM
  /** Characters of the message that is not complete. */
  #held = 0
  /** A line that goes on in the next chunk: V8 joins it once, when it is complete. */
  #line = ''
  #id: string | undefined
  #event: string | undefined
  #data: string | undefined

  constructor(options: Omit<ParseOptions, 'onId'> = {}) {
    this.#options = options
    this.#maxLength = options.maxLength ?? 1_048_576
  }

  /** The blocks that are complete with a chunk, or with the text of one. */
  feed(chunk: Uint8Array | string): Block[] {
    const LF = 10
    const CR = 13
    const blocks: Block[] = []
    const text = typeof chunk === 'string' ? chunk : this.#decoder.decode(chunk, { stream: true })
    if (!text || this.error) return blocks
    const first = text.charCodeAt(0)
    let start = first === this.#skipped ? 1 : 0
    this.#skipped = text.charCodeAt(text.length - 1) === CR ? LF : -1
    let cr = text.indexOf('\r', start)
    let lf = text.indexOf('\n', start)
    while (cr >= 0 || lf >= 0) {
      // Each is searched once: a stream of the one would else be searched for the other at each line.
      const end = cr < 0 || (lf >= 0 && lf < cr) ? lf : cr
      if (this.#held + end - start > this.#maxLength) break
      if (this.#line) {
        const line = this.#line + text.slice(start, end)
        this.#line = ''
        this.#take(line, 0, line.length)
      } else if (end > start) {
        this.#take(text, start, end)
      } else {
        if (this.#id !== undefined || this.#data !== undefined)
          blocks.push({ id: this.#id, event: this.#event || undefined, data: this.#data })
        this.#id = this.#event = this.#data = undefined
        this.#held = 0
      }
      start = end === cr && lf === cr + 1 ? end + 2 : end + 1
      if (cr >= 0 && cr < start) cr = text.indexOf('\r', start)
      if (lf >= 0 && lf < start) lf = text.indexOf('\n', start)
    }
    const rest = text.length - start
    if (rest <= 0) return blocks
    this.#held += rest
    if (this.#held > this.#maxLength)
      this.error = new SseError('buffer-limit', `Cannot read: a message is longer than ${this.#maxLength} characters`)
    else this.#line += text.slice(start)
    return blocks
  }

  /** A line: a field, a colon, perhaps a space, and its value. */
  #take(text: string, start: number, end: number): void {
    const SPACE = 32
    const COLON = 58
    let colon = start
    while (colon < end && text.charCodeAt(colon) !== COLON) colon++
    const value = text.slice(text.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1, end)
    const length = colon - start
    // By its length first: `startsWith` would be asked for every name.
    if (length === 4 && text.startsWith('data', start))
      this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`
    else if (length === 2 && text.startsWith('id', start)) {
      if (!value.includes('\0')) this.#id = value
    } else if (length === 5 && text.startsWith('event', start)) this.#event = value
    else if (length === 0) this.#options.onComment?.(value)
    else if (length === 5 && text.startsWith('retry', start) && /^\d+$/.test(value))
      this.#options.onRetry?.(Number(value))
    this.#held = this.#data?.length ?? 0
  }
}
