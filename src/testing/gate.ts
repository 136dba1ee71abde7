/** Where a stream waits until a test lets it on: nothing is a matter of time. */
import { ExpectationError, type WaitOptions, within } from './expectation.ts'

/**
 * Closed until it is told otherwise; one may serve several streams.
 *
 * @example
 * ```ts
 * import { Gate, readMessages, responseOf, stallAfter } from 'edge-sse/testing'
 * const gate = new Gate()
 * const answer = responseOf([{ data: 'a' }, { data: 'b' }])
 * const messages = await readMessages(stallAfter(answer, { messages: 1 }, gate))
 * await messages.expect({ data: 'a' })
 * const next = messages.expect({ data: 'b' })
 * await gate.reached() // It is silent now.
 * gate.open()
 * await next
 * ```
 */
export class Gate {
  #open = false
  #passes = 0
  readonly #waiting: (() => void)[] = []
  #coming = Promise.withResolvers<void>()

  /** How many wait at it now. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Lets everyone through, from now on. */
  open(): void {
    this.#open = true
    for (const go of this.#waiting.splice(0)) go()
  }

  /** Lets so many through who wait, or will come. Defaults to one. */
  pass(count: number = 1): void {
    this.#passes += count
    while (this.#passes > 0 && this.#waiting.length > 0) {
      this.#passes--
      this.#waiting.shift()?.()
    }
  }

  /** Resolves as soon as somebody waits at it. Rejects with an `ExpectationError` if nobody comes. */
  async reached(options: WaitOptions = {}): Promise<void> {
    if (this.#waiting.length > 0) return
    await within(this.#coming.promise, options, (milliseconds) => {
      return new ExpectationError(`Cannot wait at the gate: nobody came to it in ${milliseconds / 1000} s`)
    })
  }

  /** Resolves once it lets this one through, in the order in which they came; who leaves, by `signal`, takes nobody's turn. */
  through(signal?: AbortSignal): Promise<void> {
    if (this.#open || signal?.aborted) return Promise.resolve()
    if (this.#passes > 0) {
      this.#passes--
      return Promise.resolve()
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    const go = (): void => {
      signal?.removeEventListener('abort', leave)
      resolve()
    }
    const leave = (): void => {
      this.#waiting.splice(this.#waiting.indexOf(go), 1)
      go()
    }
    signal?.addEventListener('abort', leave)
    this.#waiting.push(go)
    this.#coming.resolve()
    this.#coming = Promise.withResolvers()
    return promise
  }
}
