/** The writer, for code that pushes: https://html.spec.whatwg.org/multipage/server-sent-events.html */
import { EventResponseStream, type EventStreamOptions, nothingMore } from './event-response-stream.ts'
import { getLastEventId } from './last-event-id.ts'
import { END_ID, formatComment, formatMessage, type Message } from './message.ts'

export interface EventStreamWriterOptions extends EventStreamOptions {
  /** Whether a finished stream says so (`id: ~end`, `event: stream.end`). False for formats with an end of their own. */
  end?: boolean | undefined
  /** Gets what the work threw; readers only see a neutral `stream.error`. Defaults to `console.error`. */
  onError?: ((error: unknown) => void) | undefined
}

const encoder = new TextEncoder()

/**
 * Writes messages into a response. Back-pressure is in the promises: wait for `send`, and what piles up for a slow reader
 * is bounded by `budget`. A reader that leaves is the normal end of a stream: `send` says `false`, `signal` aborts,
 * nothing throws.
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
export class EventStreamWriter {
  /** Aborts once, when the reader has left or the stream was sent to reconnect: stop working then. */
  readonly signal: AbortSignal
  readonly #stream: EventResponseStream
  readonly #end: boolean
  readonly #onError: (error: unknown) => void
  /** For a request that wants no stream: it has read all of it (`~end`), or asks for the headers alone. */
  readonly #withoutBody: Response | undefined

  constructor(request: Request, { end = true, onError = console.error, ...options }: EventStreamWriterOptions = {}) {
    this.#stream = new EventResponseStream(request, options)
    this.signal = this.#stream.signal
    this.#end = end
    this.#onError = onError
    if (end && getLastEventId(request) === END_ID) this.#withoutBody = nothingMore()
    else if (request.method === 'HEAD') this.#withoutBody = this.#stream.head
  }

  /** The response to return. Take it once: a body has one reader. */
  get response(): Response {
    return this.#stream.response
  }

  /**
   * Sends a message: `true` when there is room for the next, `false` once the reader has left. Throws at once for what
   * cannot be encoded (`cannot-encode`); rejects only with `not-returned-yet`, when it would wait for a reader that
   * cannot exist because `response` was not taken.
   */
  send(message: Message): Promise<boolean> {
    const bytes = encoder.encode(formatMessage(message))
    if (message.id) this.#stream.limitAge() // With `''` it would lose its place.
    return this.#stream.write(bytes)
  }

  /** Sends a comment, which readers do not see; promises as `send` does. */
  comment(text: string): Promise<boolean> {
    return this.#stream.write(encoder.encode(formatComment(text)))
  }

  /** Ends the stream for good. Resolves when everything is on its way to the reader, or it has left. Idempotent. */
  close(): Promise<void> {
    return this.#end ? this.#stream.end(false) : this.#stream.close()
  }

  /**
   * Starts `work` and gives the response at once; the stream ends when the work does. What the work throws goes to
   * `onError`, and the reader gets `stream.error` with a neutral text and the same end. A reader that comes back after
   * the end gets 204, a HEAD request the headers, and neither starts the work.
   */
  run(work: () => Promise<void>): Response {
    if (this.#withoutBody) {
      this.#stream.leave()
      return this.#withoutBody
    }
    // First the response, so that work which waits for its reader waits for somebody.
    const { response } = this
    const done = Promise.resolve().then(work)
    done.catch((error: unknown) => this.#fail(error)).finally(() => this.close())
    return response
  }

  #fail(error: unknown): void {
    // What waited on the signal says that it heard it, by the reason or by an AbortError of its own.
    if (this.signal.aborted && (error === this.signal.reason || (error as Error)?.name === 'AbortError')) return
    // Whatever becomes of `onError`, which may be async, the reader is told.
    Promise.resolve()
      .then(() => this.#onError(error))
      .catch(console.error)
    if (this.#stream.open) this.#stream.write(FAILED)
  }
}

/** The error's own text stays on the server: it may hold what the reader must not know. */
const FAILED = encoder.encode(
  formatMessage({ event: 'stream.error', data: { code: 'internal-error', message: 'The stream failed' } }),
)
