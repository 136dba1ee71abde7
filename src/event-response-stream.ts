/**
 * A `ResponseStream` that carries an event stream: headers that keep proxies from buffering, the opening comment and
 * `retry`, a beat in silence, a greatest age, and the two ways to end. `EventStreamWriter` and rooms write through it.
 */
import { inBackground } from './background-timer.ts'
import { END_ID, formatBlock, formatComment, formatRetry } from './message.ts'
import { ended, type OpenStream, opened } from './open-streams.ts'
import { checkPositive, checkTime, LONGEST } from './options.ts'
import { FIRST_LOOK, ResponseStream, type ResponseStreamOptions } from './response-stream.ts'

/** `EventSource` accepts no `status` but 200. */
export interface EventStreamOptions extends ResponseStreamOptions {
  /** Milliseconds of outbound silence after which a comment is sent. Defaults to 15,000; on Bun to 8,000. */
  heartbeat?: number | undefined
  /**
   * Milliseconds after which a reader is sent to reconnect, less up to 20 % by chance. Defaults to 15 minutes; `Infinity` for
   * never. A reader that takes nothing of what waits for it is let go after 15 minutes whatever this says.
   */
  maxAge?: number | undefined
  /**
   * When the right to read ends, in milliseconds since 1970: the reader is then sent to reconnect. Looked up on the clock
   * once, when the stream is made. Defaults to `Infinity`, for never.
   */
  expires?: number | undefined
  /** Milliseconds a reader waits before it reconnects, more or less up to half by chance. Defaults to 2,000. */
  retry?: number | undefined
}

const encoder = new TextEncoder()
/** Bun cuts a connection after 10 s of silence by default: https://bun.com/docs/api/http#idletimeout */
const HEARTBEAT = 'Bun' in globalThis ? 8_000 : 15_000
/** Milliseconds that a stream lasts, and that a reader may take nothing of what waits for it. */
const LONGEST_AGE = 900_000
const BEAT = encoder.encode(formatComment(''))
const end = (reconnect: boolean, id?: string): Uint8Array =>
  encoder.encode(formatBlock({ id, event: 'stream.end', data: { reconnect } }))
const COME_BACK = end(true)
/** With an id and data: both are needed for `EventSource` to come back with the id, and then to stay away. */
const FINISHED = end(false, END_ID)

export class EventResponseStream extends ResponseStream implements OpenStream {
  readonly #heartbeat: number
  #aging = false
  #deadline: number
  /** When it was looked at last, by `performance.now()`, and its reader was over its budget. */
  #foundFull = 0
  #timer!: ReturnType<typeof setTimeout>
  /** By `performance.now()`: a clock that somebody sets later changes nothing. */
  readonly #expires: number
  readonly #maxAge: number
  readonly #retry: number
  readonly #comeBack: Uint8Array | null

  /** `comeBack`: what is said to a reader that is sent to reconnect, null for nothing. */
  constructor(request: Request, options: EventStreamOptions = {}, comeBack: Uint8Array | null = COME_BACK) {
    const { heartbeat = HEARTBEAT, maxAge = LONGEST_AGE, expires = Number.POSITIVE_INFINITY, retry = 2_000 } = options
    checkPositive('open stream', { heartbeat, retry }, LONGEST)
    checkPositive('open stream', { maxAge })
    checkTime('open stream', { expires })
    super(request, options)
    this.#expires = performance.now() + (expires - Date.now())
    this.#deadline = this.#expires
    this.#heartbeat = heartbeat
    this.#retry = retry
    this.#comeBack = comeBack
    this.#maxAge = maxAge * (0.8 + Math.random() * 0.2)
    // Bytes at once, because some proxies hold the headers back until then; the jitter keeps readers that were cut
    // together from coming back together.
    this.enqueue(encoder.encode(formatComment(`heartbeat=${heartbeat / 1000}`) + this.#jitteredRetry()))
  }

  protected override respond(body: ReadableStream<Uint8Array> | null): Response {
    const response = super.respond(body)
    response.headers.set('content-type', 'text/event-stream')
    return response
  }

  /** From here on it beats: a stream that is made and never returned leaves no timer behind. */
  override take(): ReadableStream<Uint8Array> {
    this.expire()
    const body = super.take()
    if (this.open) {
      this.#schedule()
      opened(this)
    } else this.#untilRead()
    return body
  }

  /** From now on the stream has a greatest age: its reader has a cursor and loses nothing by coming back. */
  limitAge(): void {
    if (this.#aging) return
    this.#aging = true
    this.#deadline = Math.min(performance.now() + this.#maxAge, this.#expires)
    this.#schedule()
  }

  /**
   * True once the right to read has ended, and with it the stream. Whoever writes asks first, because the timer is late
   * where the event loop is busy; one that never expires looks at no clock.
   */
  expire(): boolean {
    if (this.#expires === Number.POSITIVE_INFINITY || performance.now() < this.#expires) return false
    if (this.open) void this.#retire()
    return true
  }

  /** Ends the stream: for good (`reconnect` false: what comes back gets 204), or for now. */
  end(reconnect: boolean): Promise<void> {
    return this.close(reconnect ? (this.#comeBack ?? undefined) : FINISHED)
  }

  /** Ends it now because its server ends, or has too much to do: its reader comes back, at a time of its own. */
  sendAway(): Promise<void> {
    this.enqueue(encoder.encode(this.#jitteredRetry()))
    return this.#retire()
  }

  override close(last?: Uint8Array): Promise<void> {
    const closed = super.close(last)
    ended(this)
    this.limitAge()
    const now = performance.now()
    this.#deadline = Math.max(Math.min(this.#deadline, now + LONGEST_AGE), now + this.#heartbeat)
    this.#untilRead()
    closed.then(() => this.isRead && clearTimeout(this.#timer))
    return closed
  }

  protected override stopped(): void {
    clearTimeout(this.#timer)
    ended(this)
  }

  #jitteredRetry(): string {
    return formatRetry(Math.round(this.#retry * (0.5 + Math.random())))
  }

  /** One timer a stream, set again only when it fires; workerd resets a quiet stream that has none. */
  #schedule(): void {
    clearTimeout(this.#timer)
    if (!this.open || !this.taken) return
    const now = performance.now()
    const next = Math.min(Math.max(this.lastWrite, this.#foundFull) + this.#heartbeat, this.#deadline)
    this.#timer = setTimeout(() => this.#wake(), Math.min(Math.max(0, next - now), LONGEST))
  }

  #wake(): void {
    const now = performance.now()
    if (now >= this.#deadline) return void this.#retire()
    if (now - this.lastWrite >= this.#heartbeat - 1) {
      // A reader over its budget has bytes on their way: a beat would tell it nothing. Nothing is written until it takes some.
      if (!this.full) this.enqueue(BEAT, now)
      else if (now - this.lastWrite >= LONGEST_AGE) return void this.#retire()
      else this.#foundFull = now
    }
    this.#schedule()
  }

  /** Whoever does not even take the end within one heartbeat is gone. */
  #retire(): Promise<void> {
    this.#aging = true // It has an age now, whether or not it ever sent an id.
    this.#deadline = performance.now() + this.#heartbeat
    // First the end: a source that closes its stream when it is told to stop must not make it one for good.
    const sent = this.end(true)
    this.stop()
    this.#untilRead()
    return sent
  }

  /**
   * An ended stream whose reader takes nothing is let go at the latest when it is old: nothing else would free it. On
   * workerd this holds while the end itself waits for room; what is queued after that is the runtime's to send or drop.
   */
  #untilRead(pause = FIRST_LOOK): void {
    clearTimeout(this.#timer)
    if (this.isRead || !this.taken) return
    const left = this.#deadline - performance.now()
    if (left <= 0) this.leave(new Error('The stream was not read in time'))
    else this.#timer = setTimeout(() => this.#untilRead(pause * 2), Math.min(left, this.#heartbeat, pause))
    inBackground(this.#timer)
  }
}

/** What a reader gets that comes back after the end: `EventSource` then stays away. */
export const nothingMore = (): Response => new Response(null, { status: 204, headers: { 'cache-control': 'no-store' } })
