/** What a test waits for and what it gets instead. */
import { SseError } from '../errors.ts'
import { checkPositive, LONGEST } from '../options.ts'

export interface ErrorDetails {
  expected?: unknown
  actual?: unknown
  cause?: unknown
}

/**
 * What came is not what was expected, or nothing came: `code` is `not-as-expected`. Runners of tests show `expected` and
 * `actual` beside each other.
 */
export class ExpectationError extends SseError {
  readonly expected: unknown
  readonly actual: unknown

  constructor(message: string, { expected, actual, cause }: ErrorDetails = {}) {
    super('not-as-expected', message, cause === undefined ? {} : { cause })
    this.name = 'ExpectationError'
    this.expected = expected
    this.actual = actual
  }
}

export interface WaitOptions {
  /** Milliseconds after which a wait is given up. Defaults to 5,000. */
  timeout?: number | undefined
}

/** Those of the runtime, whatever a test puts in their place later: a wait ends, also where time stands still. */
const { setTimeout, clearTimeout } = globalThis

/** The limit of one wait, however many promises it is made of: its time runs from the first of them. */
export class Patience {
  readonly milliseconds: number
  readonly #error: (milliseconds: number) => Error
  #timer: ReturnType<typeof setTimeout> | undefined
  #late: Promise<never> | undefined

  constructor({ timeout = 5_000 }: WaitOptions, error: (milliseconds: number) => Error) {
    checkPositive('wait', { timeout }, LONGEST)
    this.milliseconds = timeout
    const { stack } = new Error('asked here')
    this.#error = (milliseconds) => {
      const late = error(milliseconds)
      // A timer knows nothing of the test: the lines under its message are those of who waits.
      late.stack = `${late}\n${stack?.replace(/^Error: .*\n/, '')}`
      return late
    }
  }

  /** What is promised, or rejects once it takes too long. */
  wait<Value>(promise: Promise<Value>): Promise<Value> {
    this.#late ??= new Promise((_, reject) => {
      this.#timer = setTimeout(() => reject(this.#error(this.milliseconds)), this.milliseconds)
    })
    return Promise.race([promise, this.#late])
  }

  end(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer)
  }
}

/** Waits for one promise. */
export async function within<Value>(
  promise: Promise<Value>,
  options: WaitOptions,
  error: (milliseconds: number) => Error,
): Promise<Value> {
  const patience = new Patience(options, error)
  return patience.wait(promise).finally(() => patience.end())
}

/** One turn of the event loop, for timers to fire in. */
export const turn = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 0))
