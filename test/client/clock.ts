/**
 * The timers of this realm, each of which a test may fire before its time; and the luck of what is drawn. Those that are
 * not fired run as they would, for a platform has timers of its own among them.
 */
import { until } from './assert.ts'

/** Milliseconds since 1970 at which the clock begins. */
export const NOW = 1_795_000_000_000

interface Timer {
  milliseconds: number
  run: () => void
}

export class Clock {
  readonly #real = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    now: Date.now,
    random: Math.random,
  }
  readonly #timers = new Map<unknown, Timer>()
  readonly #started: number[] = []
  /** Timers of exactly so many milliseconds fire at once, from when this is set. */
  passing: number | undefined
  /** Milliseconds that have passed on it: it stands unless a test moves it. */
  static passed = 0
  /** What `Date.now` says until it is restored. */
  get now(): number {
    return NOW + Clock.passed
  }

  constructor(luck: number) {
    const { setTimeout, clearTimeout } = this.#real
    const replaced = (callback: (...args: unknown[]) => void, milliseconds = 0, ...args: unknown[]): unknown => {
      const run = (): void => {
        this.#timers.delete(timer)
        callback(...args)
      }
      const timer = setTimeout(run, milliseconds === this.passing ? 0 : milliseconds)
      this.#timers.set(timer, { milliseconds, run })
      this.#started.push(milliseconds)
      return timer
    }
    const cleared = (timer: ReturnType<typeof setTimeout>): void => {
      this.#timers.delete(timer)
      clearTimeout(timer)
    }
    Object.assign(globalThis, { setTimeout: replaced, clearTimeout: cleared })
    Math.random = () => luck
    Date.now = () => this.now
  }

  restore(): void {
    const { setTimeout, clearTimeout, now, random } = this.#real
    Object.assign(globalThis, { setTimeout, clearTimeout })
    Math.random = random
    Date.now = now
    Clock.passed = 0
  }

  /** How many timers of exactly so many milliseconds run. */
  running(milliseconds: number): number {
    return [...this.#timers.values()].filter((timer) => timer.milliseconds === milliseconds).length
  }

  /** How many of them were ever started. */
  started(milliseconds: number): number {
    return this.#started.filter((each) => each === milliseconds).length
  }

  /** The milliseconds of all that were ever started. */
  all(): number[] {
    return [...this.#started]
  }

  /** Fires those of exactly so many milliseconds, once there is one. */
  async fire(milliseconds: number): Promise<void> {
    await until(() => this.running(milliseconds) > 0, `a timer of ${milliseconds} ms runs`)
    // A browser's is no method of anything else.
    const { clearTimeout } = this.#real
    for (const [timer, { run, milliseconds: its }] of [...this.#timers]) {
      if (its !== milliseconds) continue
      clearTimeout(timer as never)
      run()
    }
  }
}

/** With a clock of its own; what was replaced is put back. */
export async function withClock<T>(luck: number, work: (clock: Clock) => Promise<T>): Promise<T> {
  const clock = new Clock(luck)
  try {
    return await work(clock)
  } finally {
    clock.restore()
  }
}
