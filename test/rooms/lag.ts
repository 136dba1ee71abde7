/**
 * Crowds of readers that join, stall and wake, held against one backend: nobody loses anything that is retained, nobody
 * holds more than its budget and a page, and nobody else notices (G6, G7).
 */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { EventResponseStream } from '../../src/event-response-stream.ts'
import type { RoomBackend } from '../../src/rooms/backend.ts'
import { makeRoom } from '../../src/rooms/make-room.ts'
import { LARGE } from './contract.ts'
import { delayed } from './delayed.ts'
import { PATIENT, Traffic, type TrafficReader } from './traffic.ts'

export interface LagUnderTest {
  /** The backend of a room by its name: of small retention, unless the name begins with `LARGE`. Its budget is `BUDGET`. */
  backendOf(name: string): RoomBackend
  /** Puts the room to sleep, where rooms can sleep. */
  sleep?(name: string): Promise<void>
}

/** Bytes that may wait for a reader, and of a page. */
export const BUDGET = 65_536
const PAGE = 65_536
/** Characters of an event of which nine fill a page, and events that go far beyond what a reader may have waiting. */
const SIZE = 7_000
const MANY = 24

export function lagSuite({ backendOf, sleep = async () => {} }: LagUnderTest, latency: number): void {
  /** Readers of a crowd: each message of theirs costs a timer where it takes its time. */
  const crowd = latency === 0 ? 200 : 20
  let name: string
  let traffic: Traffic | undefined
  const newTraffic = (prefix = LARGE): Traffic => {
    name = `${prefix}-${crypto.randomUUID()}`
    traffic = new Traffic(makeRoom(name, delayed(backendOf(name), latency)))
    return traffic
  }
  /** Publishes so many large events, several at a time. */
  const publishMany = async (traffic: Traffic, name = 'publisher', count = MANY): Promise<void> => {
    await Promise.all(Array.from({ length: 8 }, (_, n) => traffic.publish(`${name} ${n}`, count / 8, SIZE)))
  }
  /** A reader that has read up to live, and then reads no more. */
  const stall = async (reader: TrafficReader): Promise<TrafficReader> => {
    while (!reader.events.includes('stream.live')) await reader.next()
    return reader
  }
  const stalled = async (traffic: Traffic, count: number): Promise<TrafficReader[]> => {
    const readers = await Promise.all(Array.from({ length: count }, () => traffic.join(undefined, { stalled: true })))
    return Promise.all(readers.map(stall))
  }
  const eventsOf = ({ events }: TrafficReader): number => events.filter((event) => event === '').length
  const count = (reader: TrafficReader, event: string): number => reader.events.filter((each) => each === event).length

  afterEach(async () => {
    await traffic?.leave()
    vi.restoreAllMocks()
  })

  describe('a crowd', { timeout: 60_000 }, () => {
    it('that joins anywhere while others publish gets what follows, whole and once', async () => {
      const traffic = newTraffic()
      await traffic.publish('before', 20)
      const publishing = Promise.all(Array.from({ length: 16 }, (_, n) => traffic.publish(`publisher ${n}`, 12)))
      for (let round = 0; round < 10; round++) {
        const places = Array.from({ length: crowd / 10 }, () => Math.floor(Math.random() * (traffic.ids.length + 1)))
        await Promise.all(places.map((place) => traffic.join(traffic.ids[place])))
      }
      await publishing
      await traffic.settle()
      for (const reader of traffic.readers) expect(count(reader, 'stream.live')).toBe(1)
      expect(traffic.ids).toHaveLength(20 + 16 * 12)
    })

    it('that stalls costs each its budget and a page, and gets everything when it wakes', async () => {
      const held = spyOnQueues()
      const traffic = newTraffic()
      const readers = await stalled(traffic, crowd)
      const healthy = await traffic.join()
      await publishMany(traffic)
      await vi.waitFor(() => expect(eventsOf(healthy)).toBe(MANY), PATIENT)
      await sleep(name) // Their object has forgotten them, but for what is attached.
      await publishMany(traffic, 'later publisher')
      await vi.waitFor(() => expect(eventsOf(healthy)).toBe(MANY * 2), PATIENT)
      for (const reader of readers) void reader.run()
      await traffic.settle()
      expect(readers.map(eventsOf)).toEqual(readers.map(() => MANY * 2))
      expect(held.most).toBeGreaterThan(BUDGET)
      expect(held.most).toBeLessThanOrEqual(BUDGET + PAGE)
    })

    it('that stalls while it joins gets everything when it wakes', async () => {
      const traffic = newTraffic()
      await publishMany(traffic)
      const readers = await Promise.all(Array.from({ length: crowd / 5 }, () => traffic.join('0', { stalled: true })))
      await publishMany(traffic, 'later publisher')
      for (const reader of readers) void reader.run()
      await traffic.settle()
      expect(readers.map(eventsOf)).toEqual(readers.map(() => MANY * 2))
    })

    it('of readers slower than what is published gets everything, each at its own pace', async () => {
      const traffic = newTraffic()
      const readers = await stalled(traffic, 10)
      for (let round = 1; round <= 4; round++) {
        await publishMany(traffic, `publisher in round ${round}`, 16)
        // The first reads one event a round, the second two, and so on: all of them fall behind more and more.
        await Promise.all(
          readers.map(async (reader, index) => {
            const goal = eventsOf(reader) + index + 1
            while (eventsOf(reader) < goal) await reader.next()
          }),
        )
      }
      for (const reader of readers) void reader.run()
      await traffic.settle()
      expect(readers.map(eventsOf)).toEqual(readers.map(() => 4 * 16))
    })
  })

  describe('a reader that retention overtakes', () => {
    it('gets one gap and then everything retained, and its neighbours notice nothing', async () => {
      const traffic = newTraffic('small')
      const overtaken = await stalled(traffic, 20)
      const neighbours = await Promise.all(Array.from({ length: 5 }, () => traffic.join()))
      await publishMany(traffic, 'publisher', MANY * 2)
      await vi.waitFor(() => expect(neighbours.map(eventsOf)).toEqual(neighbours.map(() => MANY * 2)), PATIENT)
      for (const reader of overtaken) void reader.run()
      await traffic.settle()
      for (const reader of overtaken) {
        expect(count(reader, 'stream.gap')).toBe(1)
        expect(reader.stream.text.match(/"reason":"\w+"/g)).toEqual(['"reason":"slow"'])
        expect(eventsOf(reader)).toBeLessThan(MANY * 2)
      }
      for (const reader of neighbours) expect(count(reader, 'stream.gap')).toBe(0)
      // They are live again: what comes now comes to all.
      await traffic.publish('last', 3)
      await traffic.settle()
      for (const reader of overtaken) expect(reader.events.slice(-3)).toEqual(['', '', ''])
    })
  })
}

/** The most that any reader had waiting. */
function spyOnQueues(): { most: number } {
  const held = { most: 0 }
  const enqueue = EventResponseStream.prototype.enqueue
  vi.spyOn(EventResponseStream.prototype, 'enqueue').mockImplementation(function (this: EventResponseStream, bytes) {
    enqueue.call(this, bytes)
    held.most = Math.max(held.most, this.queued)
  })
  return held
}
