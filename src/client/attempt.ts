/** One attempt: a response and its messages, given up when the server falls silent. */
import { SseError } from '../errors.ts'
import { type Block, BlockParser } from '../parse.ts'
import { type Dial, dial, Retryable } from './dial.ts'

/** Heartbeats that may be missing. */
const PATIENCE = 2.5
/** Milliseconds: a shorter heartbeat would have a server cut off by its own words. */
const SHORTEST_HEARTBEAT = 100
/** Bytes that are parsed at once: a chunk may be of any size, and its messages wait here. */
const PIECE = 65_536

/** What a server that has been silent for too long is given up with. */
export class Stalled extends Retryable {
  constructor() {
    super(new SseError('connection-lost', 'Cannot read stream: its server is silent'))
  }
}

export class Attempt {
  /** Milliseconds between two signs of life, 0 for a server that may be silent; until it says so itself. */
  heartbeat: number
  readonly #controller = new AbortController()
  readonly #parser: BlockParser
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  /** Rejects when the attempt is closed. */
  readonly #closed: Promise<never>

  constructor(heartbeat: number, onRetry: (milliseconds: number) => void, maxLength?: number) {
    this.heartbeat = heartbeat
    this.#parser = new BlockParser({
      ...(maxLength && { maxLength }),
      onRetry,
      onComment: (text) => {
        const [, seconds] = /^heartbeat=(\d+(?:\.\d+)?)$/.exec(text) ?? []
        if (seconds) this.heartbeat = Math.max(Number(seconds) * 1000, SHORTEST_HEARTBEAT)
      },
    })
    const { signal } = this.#controller
    this.#closed = new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        this.#leave()
        reject(signal.reason)
      })
    })
    this.#closed.catch(() => {})
  }

  /** Resolves with false when the server says that there is no more. Rejects as `dial` does. */
  async open(request: (signal: AbortSignal) => Promise<Dial>): Promise<boolean> {
    const { signal } = this.#controller
    const response = request(signal)
      .then(dial)
      .then((opened) => {
        this.#reader = opened?.body?.getReader()
        if (signal.aborted) this.#leave()
        return opened !== undefined
      })
    return this.#watched(Promise.race([response, this.#closed]))
  }

  /** What the next piece completes, to be iterated once; `undefined` at the end. Rejects with a `Retryable` when the stream broke off. */
  async read(): Promise<Iterable<Block> | undefined> {
    const read = this.#reader?.read().catch((error) => {
      throw new Retryable(error)
    })
    const next = await this.#watched(read)
    this.#controller.signal.throwIfAborted()
    return next?.value && this.#parse(next.value)
  }

  /** Whoever waits for it is rejected with `reason`. */
  close(reason?: unknown): void {
    this.#controller.abort(reason)
  }

  /** The body of a `fetch` of the caller's own knows of no signal. */
  #leave(): void {
    this.#reader?.cancel().catch(() => {})
  }

  *#parse(chunk: Uint8Array): Generator<Block> {
    for (let at = 0; at < chunk.byteLength; at += PIECE) {
      yield* this.#parser.feed(chunk.subarray(at, at + PIECE))
      if (this.#parser.error) throw this.#parser.error
    }
  }

  /** Silence is counted while somebody waits, and not while a slow consumer is what the server waits for. */
  async #watched<T>(wait: T): Promise<Awaited<T>> {
    const timer = this.heartbeat > 0 && setTimeout(() => this.close(new Stalled()), PATIENCE * this.heartbeat)
    try {
      return await wait
    } finally {
      if (timer) clearTimeout(timer)
    }
  }
}
