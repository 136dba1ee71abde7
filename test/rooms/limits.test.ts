import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { eventLoopTurn } from '../../src/rooms/event-loop-turn.ts'
import { checkLimits, type RoomLimits } from '../../src/rooms/limits.ts'
import { makeRoom } from '../../src/rooms/make-room.ts'
import { memoryBackends, memoryRooms } from '../../src/rooms/memory.ts'
import { PublishLimiter } from '../../src/rooms/publish-limiter.ts'
import type { Rooms } from '../../src/rooms/room.ts'
import { sqliteBackends } from '../../src/rooms/sqlite.ts'
import { TokenBucket } from '../../src/rooms/token-bucket.ts'
import { producers } from './producers.ts'
import { kept, newPath } from './sqlite-files.ts'

describe('checkLimits', () => {
  it('fills in 32,000 readers, no limit of messages, and a burst in which a whole batch fits', () => {
    expect(checkLimits({})).toEqual({ readers: 32_000 })
    const rate = (perSecond: number, burst?: number): unknown =>
      checkLimits({ publishes: { perSecond, burst } }).publishes
    expect(rate(0.5)).toEqual({ perSecond: 0.5, burst: 1_000 })
    expect(rate(5_000)).toEqual({ perSecond: 5_000, burst: 5_000 })
    expect(rate(5, 10)).toEqual({ perSecond: 5, burst: 10 })
  })

  it.each([
    ['limits.readers', { readers: 0 }],
    ['limits.readers', { readers: Number.NaN }],
    ['limits.publishes.perSecond', { publishes: { perSecond: 0 } }],
    ['limits.publishes.perSecond', { publishes: {} }],
    ['limits.publishes.burst', { publishes: { perSecond: 1, burst: 0.5 } }],
    ['limits.publishesPerSubject.perSecond', { publishesPerSubject: { perSecond: -1 } }],
    ['limits.publishesPerSubject.burst', { publishesPerSubject: { perSecond: 1, burst: 'many' } }],
  ])('refuses what is no limit at the call: %s', (field, limits) => {
    const refusal = expect.objectContaining({ code: 'invalid-option', field })
    expect(() => memoryRooms({ limits: limits as RoomLimits })).toThrow(refusal)
    expect(() => sqliteBackends('/nowhere/at.all', { limits: limits as RoomLimits })).toThrow(refusal)
  })
})

describe('TokenBucket', () => {
  it('is full at first, fills evenly, and never holds more than its burst', () => {
    const bucket = new TokenBucket({ perSecond: 2, burst: 4 }, 1_000)
    expect(bucket.isFull(1_000)).toBe(true)
    expect(bucket.wait(4, 1_000)).toBe(0)
    bucket.take(4)
    expect([1, 2, 4].map((count) => bucket.wait(count, 1_000))).toEqual([500, 1_000, 2_000])
    expect(bucket.wait(1, 1_499)).toBeCloseTo(1)
    expect(bucket.wait(1, 1_500)).toBe(0)
    bucket.take(1)
    expect([bucket.isFull(3_499), bucket.isFull(3_500)]).toEqual([false, true])
    expect(bucket.wait(5, 1_000_000)).toBeCloseTo(500)
  })
})

describe('limits of messages', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
  afterEach(() => void vi.useRealTimers())
  const pass = (milliseconds: number): void => void vi.advanceTimersByTime(milliseconds)
  const limited = { code: 'rate-limited' }

  it('forget a subject that was quiet for long enough, and are bounded however many come', () => {
    const limiter = new PublishLimiter(checkLimits({ publishesPerSubject: { perSecond: 1, burst: 2 } }))
    for (let n = 0; n < 15_000; n++) limiter.take(1, `subject-${n}`)
    expect(limiter.subjects).toBe(10_000)
    expect(limiter.busy).toBe(true)
    pass(1_000)
    expect([limiter.busy, limiter.subjects]).toEqual([false, 0])
    for (let n = 0; n < 15_000; n++) {
      limiter.take(1, `subject-${n}`)
      pass(100)
      expect(limiter.subjects).toBeLessThanOrEqual(100)
    }
  })

  it('take nothing from one bucket where the other refuses', () => {
    const limits = { publishes: { perSecond: 1, burst: 3 }, publishesPerSubject: { perSecond: 1, burst: 2 } }
    const limiter = new PublishLimiter(checkLimits(limits))
    const refusal = (field: string): unknown => expect.objectContaining({ ...limited, field })
    limiter.take(2, 'ada')
    for (let n = 0; n < 5; n++) expect(() => limiter.take(1, 'ada')).toThrow(refusal('publishes-per-subject'))
    limiter.take(1, 'ben')
    for (let n = 0; n < 5; n++) expect(() => limiter.take(1, 'ben')).toThrow(refusal('publishes'))
    pass(1_000)
    limiter.take(1, 'ben')
  })

  it('count each start, and not what its producer yields', async () => {
    const limits = { publishes: { perSecond: 1, burst: 2 } }
    const room = makeRoom('job', memoryBackends({ producers, limits })('job'))
    await room.start('count', { to: 20 }, { then: 'keep' })
    await vi.waitFor(async () => expect(await room.info()).toMatchObject({ count: 20, runs: [{ state: 'done' }] }))
    await room.publish({ data: 1 })
    await expect(room.publish({ data: 2 })).rejects.toMatchObject(limited)
    await expect(room.start('count', { to: 1 })).rejects.toMatchObject(limited)
  })

  it('hold for a room that nobody reads, whose engine is let go only when it has nothing to remember', async () => {
    const backends = kept(sqliteBackends(newPath(), { limits: { publishes: { perSecond: 1, burst: 2 } } }))
    const rooms: Rooms = { get: (name) => makeRoom(name, backends.backendOf(name)) }
    await rooms.get('a').publishAll([{ data: 1 }, { data: 2 }])
    for (let turns = 0; turns < 5; turns++) await eventLoopTurn() // Nothing is under way any more.
    expect(backends.rest()).toBe(1)
    await expect(rooms.get('a').publish({ data: 3 })).rejects.toMatchObject(limited)
    pass(2_000)
    await vi.waitFor(() => expect(backends.rest()).toBe(0))
    await rooms.get('a').publish({ data: 3 })
  })
})
