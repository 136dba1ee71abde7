/**
 * The wire format coming in: bytes of an event stream as messages, over `eventsource-parser`.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
import { createParser, type EventSourceMessage, type ParseError } from 'eventsource-parser'
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
  { maxLength = 1_048_576, onComment, onRetry }: ParseOptions = {},
): AsyncGenerator<ParsedMessage, void, undefined> {
  // The parser strips the one BOM the format allows; a decoder that strips it too would strip two.
  const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })
  let messages: EventSourceMessage[] = []
  let overflow: ParseError | undefined
  const parser = createParser({
    maxBufferSize: maxLength,
    onComment,
    onRetry,
    onEvent: (message) => messages.push(message),
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') overflow = error
    },
  })
  for await (const chunk of body) {
    parser.feed(decoder.decode(chunk, { stream: true }))
    const complete = messages
    messages = []
    for (const message of complete) {
      // The parser counts what it holds: a message that comes in one piece it never does.
      if (message.data.length > maxLength) throw tooLong(maxLength)
      yield message
    }
    if (overflow) throw tooLong(maxLength, overflow)
  }
}

const tooLong = (maxLength: number, cause?: ParseError): SseError =>
  new SseError('buffer-limit', `Cannot read stream: a message is longer than ${maxLength} characters`, { cause })
