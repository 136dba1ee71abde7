/** A bucket that fills evenly, and from which is taken what comes. Times by `performance.now()`: nobody sets that clock. */
import type { FullRate } from './limits.ts'

/** What many small sums may be off by. */
const ROUNDING = 1e-6

export class TokenBucket {
  readonly #rate: FullRate
  #tokens: number
  #at: number

  constructor(rate: FullRate, now: number) {
    this.#rate = rate
    this.#tokens = rate.burst
    this.#at = now
  }

  /** Milliseconds until it holds so many: 0 where it does now. It never holds more than its burst. */
  wait(count: number, now: number): number {
    const { perSecond, burst } = this.#rate
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#at) / 1_000) * perSecond)
    this.#at = now
    const lacking = count - this.#tokens
    return lacking > ROUNDING ? (lacking / perSecond) * 1_000 : 0
  }

  /** For who has waited. */
  take(count: number): void {
    this.#tokens -= count
  }

  /** A full one is like one that was never used. */
  isFull(now: number): boolean {
    return this.wait(this.#rate.burst, now) === 0
  }
}
