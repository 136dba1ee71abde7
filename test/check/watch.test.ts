import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../bin/check/limits.ts'
import { untilCompressed, untilWatched } from '../../bin/check/watch.ts'
import { answerOf, type Timed } from './answers.ts'

describe('untilWatched', () => {
  const until = (body: Timed[], now = 0, limits = LIMITS): number => untilWatched(answerOf(body), now, limits)
  it('is what was asked for', () => expect(until([[1, ': \n\n']], 0, { ...LIMITS, for: 5_000 })).toBe(5_000))
  it('is 20 s where events come, or where it says how often it beats', () => {
    expect(until([[15_000, 'data: 1\n\n']])).toBe(20_000)
    expect(until([[1, ': heartbeat=15\n\n']])).toBe(20_000)
  })
  it('is the end of a silence that is too long, and before that whatever breaks it', () => {
    const silent: Timed[] = [[9_000, 'data: 1\n\n']]
    expect(until(silent, 20_000)).toBe(41_000)
    expect(until([...silent, [39_000, ': \n\n']], 39_001)).toBe(39_001)
  })
})

describe('untilCompressed', () => {
  const head = { 'content-encoding': 'gzip' }
  it('is at once where nothing is compressed', () => {
    expect(untilCompressed(answerOf(''), LIMITS)).toBe(0)
    expect(untilCompressed(answerOf('', { head: { 'content-encoding': 'identity' } }), LIMITS)).toBe(0)
  })
  it('is when a few blocks have come, or as long as the other is watched', () => {
    expect(untilCompressed(answerOf('data: 1\n\n', { head }), { ...LIMITS, for: 500 })).toBe(500)
    expect(untilCompressed(answerOf('data: 1\n\n'.repeat(3), { head }), LIMITS)).toBe(0)
  })
})
