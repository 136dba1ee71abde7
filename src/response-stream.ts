/**
 * The body of one response, written as it happens: one standard `TransformStream` that counts bytes on both sides, and
 * every sign that the reader has left merged into one signal. Everything in edge-sse that streams goes through here.
 * https://streams.spec.whatwg.org/#ts-model
 */
import { SseError } from './errors.ts'
import { sleep } from './interval.ts'
import { checkPositive, LONGEST } from './options.ts'

export interface ResponseStreamOptions {
  /** Status of the response. Defaults to 200. */
  status?: number | undefined
  // Not `HeadersInit`: Node's types have no such name.
  /** Further headers. `Content-Type` cannot be changed where the format has one of its own. */
  headers?: ConstructorParameters<typeof Headers>[0] | undefined
  /**
   * Bytes that may wait for this reader. Defaults to 65,536. A room takes no more than this and one page or event; a source
   * waits when this much waits to be read and as much again to be passed on.
   */
  budget?: number | undefined
}

/** https://fetch.spec.whatwg.org/#null-body-status */
const BODILESS = [204, 205, 304]
const UNBUFFERED = 'x-accel-buffering'
const NOTHING = new Uint8Array(0)
const ignore = (): void => {}

/** Whether a response carries one of these, or is the head of one. */
export const isStream = (response: Response): boolean => response.headers.has(UNBUFFERED)

export class ResponseStream {
  // What a delivery looks at stands together: for each of many readers it is fetched from memory anew.
  /** Bytes that may wait in user space before `write` waits, and before a room stops sending. */
  readonly budget: number
  /** When bytes were last handed over, by `performance.now()` in whole milliseconds: silence is counted from here. */
  lastWrite: number = Math.round(performance.now())
  #state: 'open' | 'closing' | 'closed' | 'left' = 'open'
  /** No fewer than wait: what was handed over since the runtime was asked, on top of what it said. */
  #atMost = 0
  #controller!: TransformStreamDefaultController<Uint8Array>

  /** Aborts once, when the reader has left or the stream was ended from outside its source. */
  readonly signal: AbortSignal
  readonly #reader = new AbortController()
  readonly #body: ReadableStream<Uint8Array>
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>
  #taken = false
  #finished: Promise<void> = Promise.resolve()
  readonly #status: number
  readonly #headers: Headers | undefined

  constructor(request: Request, { status = 200, headers, budget = 65_536 }: ResponseStreamOptions = {}) {
    checkPositive('open stream', { budget }, LONGEST)
    if (status < 200 || status > 599 || BODILESS.includes(status))
      throw new SseError('invalid-option', 'Cannot open stream: `status` is none a body can have', { field: 'status' })
    this.#status = status
    this.#headers = headers && new Headers(headers) // What is no header is felt here, not later.
    this.budget = budget
    this.signal = this.#reader.signal
    const bytes = { highWaterMark: budget, size: (chunk: Uint8Array) => chunk.byteLength }
    // `cancel` is not in every library of types yet: https://streams.spec.whatwg.org/#dom-transformer-cancel
    const transformer: Transformer<Uint8Array, Uint8Array> & { cancel(): void } = {
      start: (controller) => {
        this.#controller = controller
      },
      // An empty chunk is the question "is there room?" (see `drained`): it is answered, and goes no further.
      transform: (chunk, controller) => {
        if (chunk.byteLength > 0) this.#enqueue(chunk, controller)
      },
      cancel: () => this.#left(),
    }
    const { readable, writable } = new TransformStream(transformer, bytes, bytes)
    this.#body = readable
    this.#writer = writable.getWriter()
    // A reader that left shows in one or several of these, which ones depends on the runtime; `leave` counts once.
    this.#writer.closed.then(
      () => {
        this.#state = 'closed'
      },
      () => this.#left(),
    )
    if (request.signal?.aborted) this.leave()
    else request.signal?.addEventListener('abort', () => this.#requestAborted(), { once: true })
  }

  /** True until the stream is closed or its reader has left. */
  get open(): boolean {
    return this.#state === 'open'
  }

  /** Bytes in user space that the runtime has not taken yet. */
  get queued(): number {
    return this.budget - (this.#controller.desiredSize ?? this.budget)
  }

  /** The same, with what waits before it for room in there. */
  protected get waiting(): number {
    return this.queued + this.budget - (this.#writer.desiredSize ?? this.budget)
  }

  /** Over its budget. Asked for each event and reader: the runtime is asked only when it could be so. */
  get full(): boolean {
    if (this.#atMost < this.budget) return false
    this.#atMost = this.queued
    return this.#atMost >= this.budget
  }

  /** True when the stream was closed and nothing of it waits to be read any more, or its reader has left. */
  get isRead(): boolean {
    const { desiredSize } = this.#controller
    return this.#state === 'left' || (this.#state === 'closed' && (desiredSize === 0 || desiredSize === null))
  }

  /** Whether somebody may read. */
  get taken(): boolean {
    return this.#taken
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

  /** The body, once: from here on it may be read, and writes may wait for the reader. */
  take(): ReadableStream<Uint8Array> {
    this.#taken = true
    return this.#body
  }

  /** Hands bytes over at once, whatever the budget: for who looks at `full` first. `now` by `performance.now()`. */
  enqueue(bytes: Uint8Array, now: number = Math.round(performance.now())): void {
    if (!this.open) return
    this.lastWrite = now
    try {
      this.#enqueue(bytes, this.#controller)
    } catch {
      this.leave() // An errored stream: the reader has left, and no callback has said so yet.
    }
  }

  /**
   * Writes and waits for room for the next bytes: `true` then, `false` once the reader has left. It never rejects for
   * a disconnect, but with `not-returned-yet` where it would wait for ever because nobody can read yet.
   */
  async write(bytes: Uint8Array): Promise<boolean> {
    if (!this.open) return false
    this.lastWrite = Math.round(performance.now())
    const written = this.#writer.write(bytes)
    written.catch(ignore) // `closed` has it too
    const room = this.#writer.ready
      // workerd: in the turn a stream is made, `ready` resolves although there is no room. The write itself does not.
      .then(() => (this.open && !((this.#writer.desiredSize ?? 1) > 0) ? written : undefined))
      .then(
        () => this.open,
        () => false,
      )
    return this.#taken ? room : Promise.race([room, this.#notReturned(room)])
  }

  /** Resolves when there is room again, or the reader has left. */
  drained(): Promise<void> {
    return this.#writer.write(NOTHING).catch(() => {
      // A stream that cannot be asked would be asked for ever: its reader comes back with its cursor instead.
      if (this.open) this.leave()
    })
  }

  /** Ends the body after what was written. Resolves when all of it is queued to be read, or the reader has left. */
  close(last?: Uint8Array): Promise<void> {
    if (!this.open) return this.#finished
    this.#state = 'closing'
    if (last) this.#writer.write(last).catch(ignore)
    this.#finished = this.#writer.close().catch(ignore)
    return this.#finished
  }

  /** Tells the source to stop although its reader is still there; the stream can still be written to and closed. */
  stop(): void {
    this.#reader.abort()
  }

  /** Lets the reader go: drops what is queued, breaks the body off with `reason` and tells the source. Idempotent. */
  leave(reason?: Error): void {
    this.#left()
    this.#controller.error(reason)
  }

  #enqueue(bytes: Uint8Array, controller: TransformStreamDefaultController<Uint8Array>): void {
    this.#atMost += bytes.byteLength
    controller.enqueue(bytes)
  }

  /** The reader has left. The stream is not touched here: it is in the middle of its own cancelling. */
  #left(): void {
    if (this.#state === 'closed' || this.#state === 'left') return
    this.#state = 'left'
    this.#reader.abort()
  }

  async #requestAborted(): Promise<void> {
    if (this.#state === 'closed') return // Deno aborts it after a success too: that is not a reader leaving.
    this.#left()
    // Deno cancels the body next, and logs a body that breaks off before that.
    await sleep(0)
    this.leave()
  }

  async #notReturned(room: Promise<boolean>): Promise<boolean> {
    await sleep(0)
    if (this.#taken) return room
    throw new SseError(
      'not-returned-yet',
      'Cannot wait for room: the response was not returned yet, so nobody reads. Use run(), or return `response` first',
    )
  }
}
