/** One attempt: a response and its messages, given up when the server falls silent. */
import { SseError } from '../errors.ts'
import { type Block, BlockParser } from '../parse.ts'
import { LONGEST_WAIT } from './back-off.ts'
import { type Dial, dial } from './dial.ts'
import { leave, orRetry, Retryable } from './retryable.ts'
import { unlessAborted } from './unless-aborted.ts'

/** Bytes. */
const PIECE = 65_536

export class Attempt {
  /** Milliseconds between two signs of life, 0 for a server that may be silent; until it says so itself. */
  heartbeat: number
  readonly #controller = new AbortController()
  readonly #parser: BlockParser
  /** Of the last chunk, what is not parsed. */
  #rest: Uint8Array | undefined
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined

  constructor(heartbeat: number, onRetry: (milliseconds: number) => void, maxLength?: number) {
    this.heartbeat = heartbeat
    this.#parser = new BlockParser({
      maxLength,
      onRetry,
      onComment: (text) => {
        const seconds = Number(/^heartbeat=([\d.]+)$/.exec(text)?.[1])
        // 0 is none. A very short one would have a server cut off by its own words.
        if (seconds >= 0) this.heartbeat = seconds && Math.max(seconds * 1000, 100)
      },
    })
  }

  /** Resolves with false when the server says that there is no more. Rejects as `dial` does. */
  open(request: (signal: AbortSignal) => Promise<Dial>): Promise<boolean> {
    const opened = dial(() => request(this.#controller.signal)).then((response) => {
      this.#reader = response?.body?.getReader()
      if (this.#controller.signal.aborted) leave(this.#reader)
      return response !== undefined
    })
    // At least: who beats fast may still be far away, or be waited for with a ticket.
    return this.#watched(opened, 10_000)
  }

  /** What the next piece completes; `undefined` at the end. Rejects with a `Retryable` when the stream broke off. */
  async read(): Promise<Block[] | undefined> {
    // After what was before it.
    if (this.#parser.error) throw this.#parser.error
    const next = this.#rest ?? (await this.#watched(orRetry(async () => this.#reader?.read())))?.value
    // A chunk may be of any size, and the messages of what is parsed at once wait here.
    this.#rest = next && next.byteLength > PIECE ? next.subarray(PIECE) : undefined
    return next && this.#parser.feed(next.subarray(0, PIECE))
  }

  /** Whoever waits for it is rejected with `reason`. */
  close(reason?: unknown): void {
    this.#controller.abort(reason)
    // The body of a `fetch` of the caller's own knows of no signal.
    leave(this.#reader)
  }

  /**
   * Silence is counted while somebody waits, and not while a slow consumer is what the server waits for: until two
   * heartbeats and a half are missing, and `least` milliseconds have passed.
   */
  #watched<T>(wait: Promise<T>, least = 0): Promise<T> {
    const patience = Math.min(Math.max(2.5 * this.heartbeat, least), LONGEST_WAIT)
    const silent = (): void =>
      this.close(new Retryable(new SseError('connection-lost', 'Cannot read: its server is silent')))
    const timer = this.heartbeat > 0 ? setTimeout(silent, patience) : 0
    return unlessAborted(wait, this.#controller.signal).finally(() => clearTimeout(timer as number))
  }
}
