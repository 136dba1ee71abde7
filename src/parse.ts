/**
 * The wire format coming in: bytes of an event stream as messages, over `eventsource-parser`.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
import { createParser, type EventSourceMessage, type EventSourceParser, type ParseError } from 'eventsource-parser'
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
  maxLength?: number
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
  const parser = new MessageParser(options)
  for await (const chunk of body) {
    yield* parser.feed(chunk)
    if (parser.error) throw parser.error
  }
}

/** The same for who has the chunks: what is complete with each. */
export class MessageParser {
  // Not told to strip a BOM: Node's decoder strips a second one where the first is cut in two (24.21).
  readonly #decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })
  readonly #parser: EventSourceParser
  readonly #maxLength: number
  readonly #onId: ParseOptions['onId']
  #begun = false
  /** Messages, and ids on their way to `onId`: that of a message is before it. */
  #complete: (EventSourceMessage | string)[] = []
  /** What is wrong after the messages that were given: from here on there are none. */
  error: SseError | undefined

  constructor({ maxLength = 1_048_576, onComment, onId, onRetry }: ParseOptions = {}) {
    this.#maxLength = maxLength
    this.#onId = onId
    this.#parser = createParser({
      maxBufferSize: maxLength,
      onComment,
      onRetry,
      onId: onId && ((id) => this.#take(id)),
      onEvent: (message) => this.#take(message),
      onError: (error) => {
        if (error.type === 'max-buffer-size-exceeded') this.error ??= tooLong(maxLength, error)
      },
    })
  }

  /** To be iterated to its end, once: `onId` is called on the way. */
  feed(chunk: Uint8Array): Iterable<ParsedMessage> {
    if (this.error) return []
    const text = this.#decoder.decode(chunk, { stream: true })
    if (!this.#begun && text !== '') this.#begin(text)
    this.#parser.feed(text)
    const complete = this.#complete
    this.#complete = []
    // Without `onId` there are only messages.
    return this.#onId ? handOver(complete, this.#onId) : (complete as EventSourceMessage[])
  }

  /** The parser takes the one BOM the format allows, but also the characters `ï»¿`: it looks for neither after a BOM. */
  #begin(text: string): void {
    this.#begun = true
    if (!text.startsWith(BOM)) this.#parser.feed(BOM)
  }

  #take(complete: EventSourceMessage | string): void {
    if (this.error) return
    // The parser counts what it holds: a message that comes in one piece it never does.
    if (typeof complete === 'string' || complete.data.length <= this.#maxLength) this.#complete.push(complete)
    else {
      this.error = tooLong(this.#maxLength)
      // Its id goes with it: whoever comes back is to be given it again.
      if (this.#onId && complete.id !== undefined) this.#complete.pop()
    }
  }
}

const BOM = '\ufeff'

function* handOver(
  complete: (EventSourceMessage | string)[],
  onId: (id: string) => void,
): Generator<ParsedMessage, void, undefined> {
  for (const next of complete)
    if (typeof next === 'string') onId(next)
    else yield next
}

const tooLong = (maxLength: number, cause?: ParseError): SseError =>
  new SseError('buffer-limit', `Cannot read stream: a message is longer than ${maxLength} characters`, { cause })
