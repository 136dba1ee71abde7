/**
 * A body into which bytes are pushed: one standard `ReadableStream` that counts them (`decisions/011-streams.md`).
 * https://streams.spec.whatwg.org/#rs-model
 */

/**
 * The budget is ours to keep: the runtime is only to ask for more once nothing waits. Bun sets aside what it is told for every
 * reader. A byte counts twice, so that no stream says 0 but one that is closed and was read.
 */
const highWaterMark = 1
const size = (chunk: Uint8Array): number => 2 * chunk.byteLength

/** It is the source of its own stream, and makes what few need only when it is asked for: many of these are idle. */
export abstract class BoundedBody {
  // What a delivery looks at stands together: for each of many readers it is fetched from memory anew.
  /** Bytes that may wait in user space before `write` waits, and before a room stops sending. */
  readonly budget: number
  /** When bytes were last handed over, by `performance.now()` in whole milliseconds: silence is counted from here. */
  lastWrite: number = Math.round(performance.now())
  #state: 'open' | 'closing' | 'closed' | 'left' = 'open'
  /** No fewer than wait: what was handed over since the runtime was asked, on top of what it said. */
  #atMost = 0
  #controller!: ReadableStreamDefaultController<Uint8Array>

  readonly #body: ReadableStream<Uint8Array>
  #taken = false
  /** Answers the runtime's `pull`, so that it pulls again when nothing waits. */
  #pullAgain: (() => void) | undefined
  /** What waits for room. */
  #waiting: (() => void)[] | undefined
  #finished: Promise<void> | undefined

  constructor(budget: number) {
    this.budget = budget
    this.#body = new ReadableStream(this as UnderlyingSource<Uint8Array>, { highWaterMark, size })
  }

  /** Called by the runtime. */
  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller
  }

  /** Called by the runtime, which wants more. It is answered, and so called again, only once somebody waits for room. */
  pull(): Promise<void> {
    // Afterwards: workerd calls this with all that waited still counted.
    if (this.#waiting) queueMicrotask(() => this.#goOn())
    return new Promise((resolve) => {
      this.#pullAgain = resolve
    })
  }

  /** Called by the runtime: the reader has left. The stream is not touched here, it is in the middle of this. */
  cancel(): void {
    this.lose()
  }

  /** True until it is closed or its reader has left. */
  get open(): boolean {
    return this.#state === 'open'
  }

  /** Bytes in user space that the runtime has not taken yet. */
  get queued(): number {
    const { desiredSize } = this.#controller
    return desiredSize ? (highWaterMark - desiredSize) / 2 : 0
  }

  /** Over its budget. Asked for each event and reader: the runtime is asked only when it could be so. */
  get full(): boolean {
    if (this.#atMost < this.budget) return false
    this.#atMost = this.queued
    return this.#atMost >= this.budget
  }

  /** True when it was closed and nothing of it waits to be read any more, or its reader has left. */
  get isRead(): boolean {
    return this.#state === 'left' || (this.#state === 'closed' && !this.#controller.desiredSize)
  }

  /** Whether somebody may read. */
  get taken(): boolean {
    return this.#taken
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
    this.#atMost += bytes.byteLength
    try {
      this.#controller.enqueue(bytes)
    } catch {
      this.leave() // An errored stream: the reader has left, and no callback has said so yet.
    }
  }

  /**
   * Calls once nothing waits any more: as part of what the reader does, not of what asked. Also once nothing more is taken,
   * then as part of what ended it. For who has found it full, and not closed.
   */
  whenDrained(call: () => void): void {
    this.#waiting ??= []
    this.#waiting.push(call)
    this.#pullAgain?.()
  }

  /** Ends the body after what was written. Resolves when no more than its budget waits, or the reader has left. */
  close(last?: Uint8Array): Promise<void> {
    this.#finished ??= this.#close(last)
    return this.#finished
  }

  /** Lets the reader go: drops what is queued and breaks the body off with `reason`. Idempotent. */
  leave(reason?: Error): void {
    this.lose()
    try {
      this.#controller.error(reason)
    } catch {
      // A runtime that has let go of the stream: whoever delivers to many goes on with the next.
    }
  }

  /** The reader has left. The stream itself is not touched. */
  protected lose(): void {
    if (this.#state === 'closed' || this.#state === 'left') return
    this.#state = 'left'
    this.over(true)
    this.#goOn()
  }

  /** Called once, when it was closed or was `left` by its reader. */
  protected abstract over(left: boolean): void

  #close(last: Uint8Array | undefined): Promise<void> {
    if (last) this.enqueue(last)
    if (!this.open) return Promise.resolve()
    this.#state = 'closing'
    this.#goOn()
    return new Promise((resolve) => {
      const closed = (): void => {
        this.#closed()
        resolve()
      }
      // A call, not a promise: who closes it, a publisher's request on Workers, may be gone by then.
      if (this.#taken && this.full) this.whenDrained(closed)
      else closed()
    })
  }

  #closed(): void {
    if (this.#state !== 'closing') return // Its reader has left.
    this.#state = 'closed'
    this.over(false)
    try {
      this.#controller.close()
    } catch {
      this.#state = 'left' // An errored stream, and no callback has said so.
    }
  }

  /** What waits for room does not wait any longer. */
  #goOn(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    for (const call of waiting ?? []) call()
  }
}
