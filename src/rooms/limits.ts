/** How much a room takes: readers, and messages in a time. */
import { checkPositive } from '../options.ts'

/** Messages that may come; those of a batch count one by one. A retry whose key is known costs nothing. */
export interface Rate {
  /** On average. */
  perSecond: number
  /** At once, after a pause; a batch of more is too large. At least 1. Defaults to 1,000, or to `perSecond` where that is more. */
  burst?: number | undefined
}

/**
 * Counted where the room lives, and in memory: whoever brings the room back, after a restart or a sleep, begins anew. What
 * producers yield is not counted.
 */
export interface RoomLimits {
  /** Open streams and live readers. Defaults to 32,000: a Durable Object holds 32,768 sockets. */
  readers?: number | undefined
  /** Messages of all publishers. Defaults to no limit. */
  publishes?: Rate | undefined
  /** Messages of each subject; `''` is nobody in particular and has no such limit. Defaults to no limit. */
  publishesPerSubject?: Rate | undefined
}

/** The same, filled in. */
export interface CheckedLimits {
  readers: number
  publishes: FullRate | undefined
  publishesPerSubject: FullRate | undefined
}

export interface FullRate {
  perSecond: number
  burst: number
}

const READERS = 32_000
/** As many as a batch may have: one always fits. */
const BURST = 1_000

/** Fills in the defaults. Throws `invalid-option`. */
export function checkLimits({ readers = READERS, publishes, publishesPerSubject }: RoomLimits): CheckedLimits {
  checkPositive('make room', { 'limits.readers': readers })
  return {
    readers,
    publishes: publishes && checkRate('limits.publishes', publishes),
    publishesPerSubject: publishesPerSubject && checkRate('limits.publishesPerSubject', publishesPerSubject),
  }
}

function checkRate(name: string, { perSecond, burst = Math.max(BURST, perSecond) }: Rate): FullRate {
  checkPositive('make room', { [`${name}.perSecond`]: perSecond })
  // With less than one nothing would ever come through.
  checkPositive('make room', { [`${name}.burst`]: burst >= 1 ? burst : 0 })
  return { perSecond, burst }
}
