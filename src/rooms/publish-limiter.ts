/** Who publishes too much to a room is refused, before anything is stored. */
import { SseError } from '../errors.ts'
import type { CheckedLimits, FullRate } from './limits.ts'
import { TokenBucket } from './token-bucket.ts'

/** Subjects of which it is not looked who has been quiet, and of which something is remembered at most. */
const FEW = 100
const MOST = 10_000

export class PublishLimiter {
  readonly #limits: CheckedLimits
  readonly #all: TokenBucket | undefined
  /** Of those that published lately, oldest first. */
  readonly #bySubject = new Map<string, TokenBucket>()
  #look = FEW

  constructor(limits: CheckedLimits) {
    this.#limits = limits
    this.#all = limits.publishes && new TokenBucket(limits.publishes, performance.now())
  }

  /** Takes so many messages of a subject, or throws and takes none: `rate-limited`, `payload-too-large`. */
  take(count: number, subject: string): void {
    const now = performance.now()
    const { publishes, publishesPerSubject } = this.#limits
    const one = publishesPerSubject && subject !== '' ? this.#bucketOf(subject, publishesPerSubject, now) : undefined
    check(count, this.#all, publishes, now, 'publishes')
    check(count, one, publishesPerSubject, now, 'publishes-per-subject')
    this.#all?.take(count)
    one?.take(count)
    if (one) this.#keep(subject, one, now)
  }

  /** Somebody published so much lately that it is not forgotten yet. */
  get busy(): boolean {
    const now = performance.now()
    this.#sweep(now)
    return this.#bySubject.size > 0 || this.#all?.isFull(now) === false
  }

  /** How many subjects are remembered. */
  get subjects(): number {
    return this.#bySubject.size
  }

  #bucketOf(subject: string, rate: FullRate, now: number): TokenBucket {
    return this.#bySubject.get(subject) ?? new TokenBucket(rate, now)
  }

  /** Only who was let through is new to it: strangers who are refused cost nothing. */
  #keep(subject: string, bucket: TokenBucket, now: number): void {
    if (this.#bySubject.has(subject)) return
    if (this.#bySubject.size >= this.#look) this.#sweep(now)
    // Whoever has so many names is not held back by any of them.
    const [oldest] = this.#bySubject.size >= MOST ? this.#bySubject.keys() : []
    if (oldest !== undefined) this.#bySubject.delete(oldest)
    this.#bySubject.set(subject, bucket)
  }

  #sweep(now: number): void {
    for (const [subject, bucket] of this.#bySubject) if (bucket.isFull(now)) this.#bySubject.delete(subject)
    this.#look = Math.max(FEW, 2 * this.#bySubject.size)
  }
}

const REFUSALS = {
  publishes: 'Cannot publish: the room takes no more messages just now',
  'publishes-per-subject': 'Cannot publish: the room takes no more messages of this subject just now',
}

function check(
  count: number,
  bucket: TokenBucket | undefined,
  rate: FullRate | undefined,
  now: number,
  field: keyof typeof REFUSALS,
): void {
  if (!bucket || !rate) return
  if (count > rate.burst)
    throw new SseError('payload-too-large', 'Cannot publish: the batch has more messages than may come at once', {
      field,
    })
  const wait = bucket.wait(count, now)
  if (wait > 0) throw new SseError('rate-limited', REFUSALS[field], { field, retryAfter: wait / 1_000 })
}
