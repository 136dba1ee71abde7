/** A bucket for each of many, of which only those are remembered that took something lately. */
import type { FullRate } from './limits.ts'
import { TokenBucket } from './token-bucket.ts'

/** Keys of which it is not looked who has been quiet, and of which something is remembered at most. */
const FEW = 100
const MOST = 10_000

export class TokenBuckets {
  readonly #rate: FullRate
  /** Oldest first. */
  readonly #buckets = new Map<string, TokenBucket>()
  #look = FEW

  constructor(rate: FullRate) {
    this.#rate = rate
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#buckets.size
  }

  /** Takes so many and gives 0, or takes none and gives the milliseconds to wait. */
  take(key: string, count: number, now: number): number {
    const bucket = this.#buckets.get(key) ?? new TokenBucket(this.#rate, now)
    const wait = bucket.wait(count, now)
    if (wait > 0) return wait
    bucket.take(count)
    // Only who was let through is new to it: strangers who are refused cost nothing.
    if (!this.#buckets.has(key)) this.#remember(key, bucket, now)
    return 0
  }

  /** Forgets those that are like new. */
  sweep(now: number): void {
    for (const [key, bucket] of this.#buckets) if (bucket.isFull(now)) this.#buckets.delete(key)
    this.#look = Math.max(FEW, 2 * this.#buckets.size)
  }

  #remember(key: string, bucket: TokenBucket, now: number): void {
    if (this.#buckets.size >= this.#look) this.sweep(now)
    // Whoever has so many names is not held back by any of them.
    const [oldest] = this.#buckets.size >= MOST ? this.#buckets.keys() : []
    if (oldest !== undefined) this.#buckets.delete(oldest)
    this.#buckets.set(key, bucket)
  }
}
