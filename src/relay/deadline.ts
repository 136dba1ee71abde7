/** How long a model may take: three limits, and whoever does not want the answer any more, as one signal. */
import { SseError } from '../errors.ts'

export interface Timeouts {
  /** Milliseconds until the first byte of the answer. Defaults to 60,000. */
  firstByte?: number | undefined
  /** Milliseconds between two pieces of it, comments included. Defaults to 60,000. */
  silence?: number | undefined
  /** Milliseconds for all of it. Defaults to 840,000: an object works for 15 minutes at most. */
  total?: number | undefined
}

export class Deadline {
  readonly #abort = new AbortController()
  readonly #given: AbortSignal
  readonly #silence: number
  readonly #end: number
  #next: number
  #heard = false
  #timer!: ReturnType<typeof setTimeout>
  /** Which limit was reached. */
  reason: SseError | undefined

  constructor(signal: AbortSignal, { firstByte = 60_000, silence = 60_000, total = 840_000 }: Timeouts = {}) {
    const now = performance.now()
    this.#given = signal
    this.#silence = silence
    this.#end = now + total
    this.#next = now + firstByte
    if (signal.aborted) this.#abort.abort()
    else signal.addEventListener('abort', this)
    this.#watch()
  }

  /** Aborts when a limit is reached, and when nobody wants the answer. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** Something came: the silence begins anew. */
  heard(): void {
    this.#next = performance.now() + this.#silence
    if (this.#heard) return
    this.#heard = true
    // Its timer was set for the first byte, which may be due long after the silence.
    clearTimeout(this.#timer)
    this.#watch()
  }

  /** From here on nothing is watched. */
  clear(): void {
    clearTimeout(this.#timer)
    this.#given.removeEventListener('abort', this)
  }

  /** Called by the signal that was given. */
  handleEvent(): void {
    clearTimeout(this.#timer)
    this.#abort.abort()
  }

  /** One timer, which is set again for the first piece, and then only when it fires: for each it would be too many. */
  #watch(): void {
    const now = performance.now()
    const due = Math.min(this.#next, this.#end)
    // It was late where the event loop was busy: what came meanwhile is heard first.
    if (now < due) this.#timer = setTimeout(() => this.#watch(), Math.min(due - now + 1, 2 ** 31 - 1))
    else {
      const what = now >= this.#end ? 'took too long' : this.#heard ? 'has fallen silent' : 'did not begin to answer'
      this.reason = new SseError('upstream-timeout', `Cannot answer: the model ${what}`)
      this.#abort.abort()
    }
  }
}
