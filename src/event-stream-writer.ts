/** The writer, for code that pushes: https://html.spec.whatwg.org/multipage/server-sent-events.html */
import { EventResponseStream, type EventStreamOptions, nothingMore } from './event-response-stream.ts'
import { getLastEventId } from './last-event-id.ts'
import { END_ID, formatComment, formatMessage, type Message } from './message.ts'
import { ResponseWriter, type ResponseWriterOptions } from './response-writer.ts'

export interface EventStreamWriterOptions extends EventStreamOptions, ResponseWriterOptions {
  /**
   * Whether a finished stream says so (`id: ~end`, `event: stream.end`). False for formats with an end of their own; for
   * those that have no names either, what they say instead.
   */
  end?: boolean | OwnEnd | undefined
}

/** Last words of a format of its own; without one the stream just ends. */
export interface OwnEnd {
  /** To a reader that is sent to reconnect, instead of `stream.end`. */
  reconnect?: Message | undefined
  /** After work that failed, instead of `stream.error`. */
  failed?: Message | undefined
}

const encoder = new TextEncoder()

/**
 * Writes messages into a response. Back-pressure is in the promises: wait for `send`, and what piles up for a slow reader
 * is bounded by `budget`. A reader that leaves is the normal end of a stream: `send` says `false`, `signal` aborts,
 * nothing throws. Work that fails ends with a neutral `stream.error`.
 *
 * @example
 * ```ts
 * import { EventStreamWriter } from 'edge-sse'
 * export default {
 *   fetch(request: Request): Response {
 *     const stream = new EventStreamWriter(request)
 *     return stream.run(async () => {
 *       for (let done = 1; done <= 10; done++) if (!(await stream.send({ event: 'progress', data: { done, of: 10 } }))) return
 *     })
 *   },
 * }
 * ```
 */
export class EventStreamWriter extends ResponseWriter<EventResponseStream> {
  readonly #end: boolean
  readonly #failed: Uint8Array | undefined

  constructor(request: Request, { end = true, onError, ...options }: EventStreamWriterOptions = {}) {
    const own = typeof end === 'object' ? end : undefined
    const stream = new EventResponseStream(request, options, own && (encoded(own.reconnect) ?? null))
    const isRead = end === true && getLastEventId(request) === END_ID
    super(stream, isRead ? nothingMore() : request.method === 'HEAD' ? stream.head : undefined, onError)
    this.#end = end === true
    this.#failed = own ? encoded(own.failed) : FAILED
  }

  /**
   * Sends a message: `true` when there is room for the next, `false` once the reader has left. Throws at once for what
   * cannot be encoded (`cannot-encode`); rejects only with `not-returned-yet`, when it would wait for a reader that
   * cannot exist because `response` was not taken.
   */
  send(message: Message): Promise<boolean> {
    const bytes = encoder.encode(formatMessage(message))
    if (this.stream.expire()) return Promise.resolve(false)
    if (message.id) this.stream.limitAge() // With `''` it would lose its place.
    return this.stream.write(bytes)
  }

  /** Sends a comment, which readers do not see; promises as `send` does. */
  comment(text: string): Promise<boolean> {
    const bytes = encoder.encode(formatComment(text))
    return this.stream.expire() ? Promise.resolve(false) : this.stream.write(bytes)
  }

  /** Ends the stream for good: a reader that comes back gets 204, and `run` does not start its work again. */
  close(): Promise<void> {
    return this.#end ? this.stream.end(false) : this.stream.close()
  }

  protected fail(): void {
    if (this.#failed) void this.stream.write(this.#failed)
  }
}

const encoded = (message: Message | undefined): Uint8Array | undefined =>
  message && encoder.encode(formatMessage(message))
const FAILED = encoder.encode(
  formatMessage({ event: 'stream.error', data: { code: 'internal-error', message: 'The stream failed' } }),
)
