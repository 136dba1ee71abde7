import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Deadline } from '../../src/relay/deadline.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

const LIMITS = { firstByte: 700, silence: 300, total: 2_000 }
/** It looks a millisecond late, so that a timer which fires too early is no second look. */
const EDGE = 1
const watch = (limits = LIMITS, signal = new AbortController().signal): Deadline => new Deadline(signal, limits)
/** It has aborted after so long, not before, and says why. */
function expectLimit(deadline: Deadline, milliseconds: number, what: string): void {
  vi.advanceTimersByTime(milliseconds - 1)
  expect([deadline.signal.aborted, deadline.reason]).toEqual([false, undefined])
  vi.advanceTimersByTime(1 + EDGE)
  expect(deadline.signal.aborted).toBe(true)
  expect(deadline.reason).toMatchObject({ code: 'upstream-timeout', message: `Cannot answer: the model ${what}` })
  expect(vi.getTimerCount()).toBe(0)
}

describe('Deadline', () => {
  it('waits for the first byte, however long or short a silence may be', () => {
    expectLimit(watch(), 700, 'did not begin to answer')
    expectLimit(watch({ ...LIMITS, silence: 1_900 }), 700, 'did not begin to answer')
  })

  it('waits for each further piece, from the last one on', () => {
    const deadline = watch()
    for (const pause of [650, 250, 299, 1]) {
      vi.advanceTimersByTime(pause)
      deadline.heard()
    }
    expectLimit(deadline, 300, 'has fallen silent')
  })

  it('waits for a silence alone, also where the first byte came long before it was due', () => {
    const deadline = watch()
    vi.advanceTimersByTime(100)
    deadline.heard()
    expectLimit(deadline, 300, 'has fallen silent')
  })

  it('waits for all of it, whatever comes', () => {
    const deadline = watch()
    for (let pieces = 0; pieces < 19; pieces++) {
      vi.advanceTimersByTime(100)
      deadline.heard()
    }
    expectLimit(deadline, 100, 'took too long')
  })

  it('takes a minute for the first byte, one for each silence, and 14 for all of it, unless told otherwise', () => {
    const unheard = new Deadline(new AbortController().signal)
    expectLimit(unheard, 60_000, 'did not begin to answer')
    const silent = new Deadline(new AbortController().signal)
    vi.advanceTimersByTime(59_000)
    silent.heard()
    expectLimit(silent, 60_000, 'has fallen silent')
    const long = new Deadline(new AbortController().signal)
    for (let pieces = 0; pieces < 28; pieces++) {
      vi.advanceTimersByTime(29_500)
      long.heard()
    }
    expectLimit(long, 840_000 - 28 * 29_500, 'took too long')
  })

  it('aborts without a reason where nobody wants the answer any more, also before it is made', () => {
    const left = new AbortController()
    const deadline = watch(LIMITS, left.signal)
    left.abort()
    for (const each of [deadline, watch(LIMITS, AbortSignal.abort())]) {
      expect([each.signal.aborted, each.reason]).toEqual([true, undefined])
      each.clear()
    }
    expect(vi.getTimerCount()).toBe(0)
  })

  it('watches nothing once it is cleared', () => {
    const left = new AbortController()
    const deadline = watch(LIMITS, left.signal)
    deadline.clear()
    left.abort()
    vi.advanceTimersByTime(10_000)
    expect([deadline.signal.aborted, deadline.reason, vi.getTimerCount()]).toEqual([false, undefined, 0])
  })
})
