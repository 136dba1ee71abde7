/** Who publishes too much to a room is refused, before anything is stored. */
import { SseError } from '../errors.ts'
import type { CheckedLimits } from './limits.ts'
import { TokenBucket } from './token-bucket.ts'
import { TokenBuckets } from './token-buckets.ts'

export class PublishLimiter {
  readonly #limits: CheckedLimits
  readonly #all: TokenBucket | undefined
  readonly #bySubject: TokenBuckets | undefined

  constructor(limits: CheckedLimits) {
    const { publishes, publishesPerSubject } = limits
    this.#limits = limits
    this.#all = publishes && new TokenBucket(publishes, performance.now())
    this.#bySubject = publishesPerSubject && new TokenBuckets(publishesPerSubject)
  }

  /** Takes so many messages of a subject, or throws and takes none: `rate-limited`, `payload-too-large`. */
  take(count: number, subject: string): void {
    const now = performance.now()
    const { publishes, publishesPerSubject } = this.#limits
    const bySubject = subject === '' ? undefined : this.#bySubject
    if (publishes && count > publishes.burst) throw tooLarge('publishes')
    if (bySubject && publishesPerSubject && count > publishesPerSubject.burst) throw tooLarge('publishes-per-subject')
    refuseWhile(this.#all?.wait(count, now), 'publishes')
    refuseWhile(bySubject?.take(subject, count, now), 'publishes-per-subject')
    this.#all?.take(count)
  }

  /** Somebody published so much lately that it is not forgotten yet. */
  get busy(): boolean {
    const now = performance.now()
    this.#bySubject?.sweep(now)
    return this.subjects > 0 || this.#all?.isFull(now) === false
  }

  /** How many subjects are remembered. */
  get subjects(): number {
    return this.#bySubject?.size ?? 0
  }
}

const REFUSALS = {
  publishes: 'Cannot publish: the room takes no more messages just now',
  'publishes-per-subject': 'Cannot publish: the room takes no more messages of this subject just now',
}

const tooLarge = (field: keyof typeof REFUSALS): SseError =>
  new SseError('payload-too-large', 'Cannot publish: the batch has more messages than may come at once', { field })

function refuseWhile(wait = 0, field: keyof typeof REFUSALS): void {
  if (wait > 0) throw new SseError('rate-limited', REFUSALS[field], { field, retryAfter: wait / 1_000 })
}
