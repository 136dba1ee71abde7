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
  // The parser strips the one BOM the format allows; a decoder that strips it too would strip two.
  readonly #decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })
  readonly #parser: EventSourceParser
  readonly #maxLength: number
  #messages: EventSourceMessage[] = []
  /** What is wrong after the messages that were given: from here on there are none. */
  error: SseError | undefined

  constructor({ maxLength = 1_048_576, onComment, onRetry }: ParseOptions = {}) {
    this.#maxLength = maxLength
    this.#parser = createParser({
      maxBufferSize: maxLength,
      onComment,
      onRetry,
      onEvent: (message) => this.#take(message),
      onError: (error) => {
        if (error.type === 'max-buffer-size-exceeded') this.error ??= tooLong(maxLength, error)
      },
    })
  }

  feed(chunk: Uint8Array): ParsedMessage[] {
    if (this.error) return []
    this.#parser.feed(this.#decoder.decode(chunk, { stream: true }))
    const complete = this.#messages
    this.#messages = []
    return complete
  }

  #take(message: EventSourceMessage): void {
    if (this.error) return
    // The parser counts what it holds: a message that comes in one piece it never does.
    if (message.data.length > this.#maxLength) this.error = tooLong(this.#maxLength)
    else this.#messages.push(message)
  }
}

const tooLong = (maxLength: number, cause?: ParseError): SseError =>
  new SseError('buffer-limit', `Cannot read stream: a message is longer than ${maxLength} characters`, { cause })
