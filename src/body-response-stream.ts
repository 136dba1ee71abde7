/** A `ResponseStream` of a body that has no beat and no end of its own: text, lines, pages, files. */
import { inBackground } from './background-timer.ts'
import { checkPositive, LONGEST } from './options.ts'
import { FIRST_LOOK, ResponseStream, type ResponseStreamOptions } from './response-stream.ts'

export interface BodyStreamOptions extends ResponseStreamOptions {
  /** Milliseconds a reader may take nothing of what waits for it, before it is let go. Defaults to 60,000. */
  patience?: number | undefined
}

/**
 * workerd takes the length of a body from the body alone: without this `Content-Length` is dropped and the body is chunked.
 * https://developers.cloudflare.com/workers/runtime-apis/streams/transformstream/#fixedlengthstream
 */
const { FixedLengthStream } = globalThis as {
  FixedLengthStream?: new (length: number) => ReadableWritablePair<Uint8Array, Uint8Array>
}

export class BodyResponseStream extends ResponseStream {
  readonly #patience: number
  #timer!: ReturnType<typeof setTimeout>
  #written = 0
  /** Bytes that were taken when it was looked last, and since when. */
  #before = 0
  #since = 0

  constructor(request: Request, { patience = 60_000, ...options }: BodyStreamOptions = {}) {
    checkPositive('open stream', { patience }, LONGEST)
    super(request, options)
    this.#patience = patience
  }

  /** From here on somebody may read. A timer is there for as long: workerd resets a quiet stream that has none. */
  override take(): ReadableStream<Uint8Array> {
    const body = super.take()
    this.#since = performance.now()
    this.#watch()
    return body
  }

  protected override respond(body: ReadableStream<Uint8Array> | null): Response {
    const head = super.respond(null)
    // Miniflare, and so `wrangler dev`, compresses text for browsers whatever `no-transform` says, and holds it back until
    // its end. What names its encoding is left alone: https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1
    if (FixedLengthStream && !head.headers.has('content-encoding')) head.headers.set('content-encoding', 'identity')
    const length = head.headers.get('content-length')
    if (!body) return head
    const sized = length === null || !FixedLengthStream ? body : body.pipeThrough(new FixedLengthStream(Number(length)))
    return new Response(sized, head)
  }

  protected override stopped(): void {
    clearTimeout(this.#timer)
  }

  override write(bytes: Uint8Array): Promise<boolean> {
    this.#written += bytes.byteLength
    return super.write(bytes)
  }

  override close(last?: Uint8Array): Promise<void> {
    const closed = super.close(last)
    closed.then(() => this.#watch(FIRST_LOOK))
    return closed
  }

  /** Nothing else would free a reader that stands still: a connection may do so for ever. */
  #watch(pause = this.#patience): void {
    clearTimeout(this.#timer)
    if (this.isRead || !this.taken) return
    const now = performance.now()
    const taken = this.#written - this.queued
    if (taken !== this.#before || this.queued === 0) {
      this.#before = taken
      this.#since = now
    }
    const left = this.#since + this.#patience - now
    if (left <= 0) this.leave(new Error('The body was not read in time'))
    else this.#timer = setTimeout(() => this.#watch(this.open ? this.#patience : pause * 2), Math.min(left, pause))
    if (!this.open) inBackground(this.#timer)
  }
}
