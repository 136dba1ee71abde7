/**
 * The body of one response, written as it happens, and every sign that its reader has left merged into one. Everything in
 * edge-sse that streams goes through here.
 */
import { BoundedBody } from './bounded-body.ts'
import { SseError } from './errors.ts'
import { sleep } from './interval.ts'
import { checkPositive, LONGEST } from './options.ts'
import { streamEnded } from './stream-ends.ts'

export interface ResponseStreamOptions {
  /** Status of the response. Defaults to 200. */
  status?: number | undefined
  // Not `HeadersInit`: Node's types have no such name.
  /** Further headers. `Content-Type` cannot be changed where the format has one of its own. */
  headers?: ConstructorParameters<typeof Headers>[0] | undefined
  /**
   * Bytes that may wait for this reader. Defaults to 65,536. A room takes no more than this and one page or event; a source
   * waits when this much waits.
   */
  budget?: number | undefined
}

/** https://fetch.spec.whatwg.org/#null-body-status */
const BODILESS = [204, 205, 304]
const UNBUFFERED = 'x-accel-buffering'
/** Milliseconds from the end of a stream until it is looked whether its reader has all of it; twice as long each time. */
export const FIRST_LOOK = 100

/** Whether a response carries one of these, or is the head of one. */
export const isStream = (response: Response): boolean => response.headers.has(UNBUFFERED)

export class ResponseStream extends BoundedBody {
  #stopping: AbortController | undefined
  #stopped = false
  /** Held while it may abort: Node forgets who listens to a request that was made by hand and that nobody holds. */
  #request: Request | undefined
  readonly #status: number
  readonly #headers: Headers | undefined

  constructor(request: Request, { status = 200, headers, budget = 65_536 }: ResponseStreamOptions = {}) {
    checkPositive('open stream', { budget }, LONGEST)
    if (status < 200 || status > 599 || BODILESS.includes(status))
      throw new SseError('invalid-option', 'Cannot open stream: `status` is none a body can have', { field: 'status' })
    super(budget)
    this.#status = status
    this.#headers = headers && new Headers(headers) // What is no header is felt here, not later.
    this.#request = request
    // A reader that left shows here, in `cancel`, or in both, which depends on the runtime.
    if (request.signal?.aborted) {
      this.#stopped = true // Nothing has begun that could be told.
      this.leave()
    } else request.signal?.addEventListener('abort', this)
  }

  /** Called by the runtime: the request was aborted. */
  async handleEvent(): Promise<void> {
    this.lose()
    // Deno cancels the body next, and logs a body that breaks off before that.
    await sleep(0)
    this.leave()
  }

  /** Aborts once, when the reader has left or the stream was ended from outside its source. */
  get signal(): AbortSignal {
    if (!this.#stopping) {
      this.#stopping = new AbortController()
      if (this.#stopped) this.#stopping.abort()
    }
    return this.#stopping.signal
  }

  /** The response, to be returned from the handler: once, for a body has one reader. */
  get response(): Response {
    return this.respond(this.take())
  }

  /** The headers of the response alone, for HEAD. */
  get head(): Response {
    return this.respond(null)
  }

  /** A response with the headers of this stream: what intermediaries would do to it, they are told not to. */
  protected respond(body: ReadableStream<Uint8Array> | null): Response {
    const response = new Response(body, { status: this.#status, ...(this.#headers && { headers: this.#headers }) })
    const { headers } = response
    if (!headers.has('cache-control')) headers.set('cache-control', 'no-cache, no-transform')
    headers.set(UNBUFFERED, 'no') // nginx, and what speaks its language
    headers.set('x-content-type-options', 'nosniff')
    return response
  }

  /**
   * Writes and waits for room for the next bytes: `true` then, `false` once the reader has left. It never rejects for
   * a disconnect, but with `not-returned-yet` where it would wait for ever because nobody can read yet.
   */
  async write(bytes: Uint8Array): Promise<boolean> {
    this.enqueue(bytes)
    if (!this.open || !this.full) return this.open
    const room = new Promise<boolean>((resolve) => this.whenDrained(() => resolve(this.open)))
    return this.taken ? room : Promise.race([room, this.#notReturned(room)])
  }

  /** Tells the source to stop although its reader is still there; the stream can still be written to and closed. */
  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    this.stopped()
    this.#stopping?.abort()
  }

  /** Called once, before `signal` aborts. */
  protected stopped(): void {}

  protected override over(left: boolean): void {
    if (this.#request) {
      this.#request.signal?.removeEventListener('abort', this)
      streamEnded(this.#request)
      this.#request = undefined
    }
    if (left) this.stop()
  }

  async #notReturned(room: Promise<boolean>): Promise<boolean> {
    await sleep(0)
    if (this.taken) return room
    throw new SseError(
      'not-returned-yet',
      'Cannot wait for room: the response was not returned yet, so nobody reads. Use run(), or return `response` first',
    )
  }
}
