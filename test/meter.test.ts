/** What rooms count of what they do: held against rooms in memory, whose readers live in this process. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Meter, meter } from '../src/meter.ts'
import { endStreams, openStreams } from '../src/open-streams.ts'
import type { RoomBackend } from '../src/rooms/backend.ts'
import type { Holder } from '../src/rooms/holder.ts'
import { makeRoom } from '../src/rooms/make-room.ts'
import { memoryBackends, memoryRooms } from '../src/rooms/memory.ts'
import type { Room, SubscribeOptions } from '../src/rooms/room.ts'
import { StreamReader } from './rooms/stream-reader.ts'

const url = 'http://localhost/rooms/lobby/events'
const copy = (): Meter => ({ ...meter, gaps: { ...meter.gaps } })
let before: Meter
let room: Room
const readers: StreamReader[] = []
const subscribe = async (options: SubscribeOptions = {}, init: RequestInit = {}): Promise<StreamReader> => {
  const reader = new StreamReader(await room.subscribe(new Request(url, init), options))
  readers.push(reader)
  return reader
}
const liveReader = async (options?: SubscribeOptions): Promise<StreamReader> => {
  const reader = await subscribe(options)
  await reader.untilLive()
  return reader
}
const count = (name: 'publishes' | 'deliveries' | 'deliveredBytes' | 'replays' | 'lagging'): number =>
  meter[name] - before[name]
const gaps = (): Record<string, number> =>
  Object.fromEntries(
    Object.entries(meter.gaps)
      .map(([reason, now]) => [reason, now - before.gaps[reason as keyof Meter['gaps']]] as const)
      .filter(([, more]) => more > 0),
  )

beforeEach(() => {
  before = copy()
  room = memoryRooms().get('lobby')
})
afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.leave()
  await vi.waitFor(() => expect(meter.lagging).toBe(0))
  vi.restoreAllMocks()
})

describe('meter', () => {
  it('counts each message that is stored, and none that is not', async () => {
    await room.publish({ data: 'a' }, { key: 'k' })
    expect(count('publishes')).toBe(1)
    await room.publish({ data: 'a' }, { key: 'k' })
    expect(count('publishes')).toBe(1)
    await room.publishAll([{ data: 'b' }, { data: 'c' }, { data: 'd' }])
    expect(count('publishes')).toBe(4)
    await room.close()
    await expect(room.publish({ data: 'e' })).rejects.toMatchObject({ code: 'room-closed' })
    expect(count('publishes')).toBe(4)
  })

  it('counts what a producer says, its last word too', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const producers = {
      *failing() {
        yield { data: 'a' }
        yield { data: 'b' }
        throw new Error('It failed')
      },
    }
    room = memoryRooms({ producers }).get('lobby')
    await room.start('failing', null)
    await vi.waitFor(async () => expect(await room.info()).toMatchObject({ state: 'closed', count: 3 }))
    expect(count('publishes')).toBe(3)
  })

  it('hands how long each publish took to its observer', async () => {
    const published = vi.spyOn(meter, 'published')
    await room.publishAll([{ data: 'a' }, { data: 'b' }])
    await room.publish({ data: 'c' }, { key: 'k' })
    await room.publish({ data: 'c' }, { key: 'k' })
    expect(published.mock.calls).toEqual([[expect.any(Number)], [expect.any(Number)]])
    for (const [milliseconds] of published.mock.calls) expect(milliseconds).toBeGreaterThanOrEqual(0)
  })

  it('counts an event once for each reader it was handed to, with its bytes', async () => {
    const crowd = await Promise.all([1, 2, 3].map(() => liveReader()))
    before = copy()
    const { id } = await room.publish({ event: 'chat', data: 'ä' })
    await Promise.all(crowd.map((reader) => reader.events(1)))
    const bytes = new TextEncoder().encode(`event: chat\ndata: ä\nid: ${id}\n\n`).byteLength
    expect([count('deliveries'), count('deliveredBytes')]).toEqual([3, 3 * bytes])
    await room.publishAll([{ data: 'b' }, { data: 'c' }])
    expect([count('deliveries'), count('replays')]).toEqual([9, 0])
  })

  it('counts no delivery where nobody reads, nor of how many do', async () => {
    await room.publish({ data: 'a' })
    await Promise.all([1, 2, 3].map(() => liveReader()))
    expect([count('deliveries'), count('deliveredBytes'), count('replays')]).toEqual([0, 0, 0])
  })

  it('counts the pages that readers get from the log, whether they stay or not', async () => {
    await room.publishAll([{ data: 'a' }, { data: 'b' }, { data: 'c' }])
    await (await subscribe({ from: 'start' })).events(3)
    expect([count('replays'), count('deliveries')]).toEqual([1, 3])
    for await (const _ of room.read({ live: false, from: 2 }));
    expect([count('replays'), count('deliveries')]).toEqual([2, 5])
    const large = { data: 'x'.repeat(40_000) } // One fits in a page.
    await room.publishAll([large, large])
    for await (const _ of room.read({ live: false, from: 2 }));
    expect([count('replays'), gaps()]).toEqual([4, {}])
  })

  it('counts each event of a reader that falls behind once, however it came', async () => {
    const reader = await liveReader({ budget: 4_000 })
    before = copy()
    for (let n = 0; n < 20; n++) await room.publish({ data: 'x'.repeat(1_000) })
    expect(count('deliveries')).toBeLessThan(20)
    await reader.events(20)
    expect(count('deliveries')).toBe(20)
    expect(count('replays')).toBeGreaterThan(0)
    expect(count('deliveredBytes')).toBe(reader.text.match(/^data: x+\nid: .+\n\n/gm)?.join('').length)
  })

  describe('gaps', () => {
    const small = (): Room => memoryRooms({ retention: { events: 2 } }).get('lobby')

    it.each(['9-aaaaaa', 'no id'])('counts that of %j', async (lastEventId) => {
      await room.publish({ data: 'a' })
      const reader = await subscribe({}, { headers: { 'last-event-id': lastEventId, accept: 'text/event-stream' } })
      await reader.untilLive()
      expect(gaps()).toEqual(lastEventId === 'no id' ? { malformed: 1 } : { unknown: 1 })
    })

    it('counts what has expired, also in a history', async () => {
      room = small()
      const { id } = await room.publish({ data: 'a' })
      for (let n = 0; n < 10; n++) await room.publish({ data: 'b' })
      await (await subscribe({}, { headers: { 'last-event-id': id } })).untilLive()
      expect(gaps()).toEqual({ expired: 1 })
      for await (const _ of room.read({ after: id, live: false }));
      expect(gaps()).toEqual({ expired: 2 })
    })

    it('counts a reader that retention has overtaken', async () => {
      room = small()
      const reader = await liveReader({ budget: 1_000 })
      for (let n = 0; n < 10; n++) await room.publish({ data: 'x'.repeat(2_000) })
      await reader.until(({ event }) => event === 'stream.gap')
      expect(gaps()).toEqual({ slow: 1 })
    })
  })

  it('knows how many event streams are open', async () => {
    const open = openStreams()
    const [one] = await Promise.all([1, 2].map(() => liveReader()))
    expect(openStreams()).toBe(open + 2)
    await one?.leave()
    expect(openStreams()).toBe(open + 1)
    await room.publish({ data: 'a' })
    await room.close()
    expect(openStreams()).toBe(open)
  })
})

describe('the count of readers that are behind', () => {
  const large = { data: 'x'.repeat(1_000) }
  /** Falls behind: what is published waits for it in the log. */
  const slowReader = async (options: SubscribeOptions = {}): Promise<StreamReader> => {
    const reader = await liveReader({ budget: 1_500, ...options })
    for (let n = 0; n < 5; n++) await room.publish(large)
    expect(count('lagging')).toBe(1)
    return reader
  }
  const nobodyIsBehind = (): Promise<void> => vi.waitFor(() => expect(count('lagging')).toBe(0))
  /** Rooms whose readers hold connections that can be broken. */
  const breakable = (): Holder[] => {
    const holders: Holder[] = []
    const backend = memoryBackends()('lobby')
    const connect: RoomBackend['connect'] = (admission, holder) => {
      holders.push(holder)
      return backend.connect(admission, holder)
    }
    room = makeRoom('lobby', { ...backend, connect })
    return holders
  }

  it('holds who does not take what is said, and lets go of it once it is live again', async () => {
    const healthy = await liveReader()
    const reader = await slowReader()
    await reader.events(5)
    await nobodyIsBehind()
    for (let n = 0; n < 5; n++) await room.publish(large)
    expect(count('lagging')).toBe(1) // It falls behind anew.
    await reader.events(5)
    await nobodyIsBehind()
    await healthy.events(10)
  })

  it('holds who does not take what it has missed', async () => {
    for (let n = 0; n < 200; n++) await room.publish(large)
    const reader = await subscribe({ from: 'start', budget: 1_500 })
    await vi.waitFor(() => expect(count('lagging')).toBe(1))
    await reader.events(200)
    await nobodyIsBehind()
  })

  it('counts each reader once, however much is said', async () => {
    const crowd = await Promise.all([1, 2, 3].map(() => liveReader({ budget: 1_500 })))
    for (let n = 0; n < 20; n++) await room.publish(large)
    expect(count('lagging')).toBe(3)
    await crowd[0]?.leave()
    expect(count('lagging')).toBe(2)
    await crowd[1]?.events(20)
    await vi.waitFor(() => expect(count('lagging')).toBe(1))
  })

  it('lets go of a reader that leaves', async () => {
    const reader = await slowReader()
    await reader.leave()
    await nobodyIsBehind()
  })

  it('lets go of a reader whose request is aborted', async () => {
    const request = new AbortController()
    const response = await room.subscribe(new Request(url, { signal: request.signal }), { budget: 1_500 })
    const reader = new StreamReader(response)
    await reader.untilLive()
    for (let n = 0; n < 5; n++) await room.publish(large)
    expect(count('lagging')).toBe(1)
    request.abort()
    await nobodyIsBehind()
  })

  it('lets go of a reader that has finished: it has read all of a room that was closed', async () => {
    const reader = await slowReader()
    await room.close()
    expect(count('lagging')).toBe(1)
    await reader.all()
    expect(count('lagging')).toBe(0)
  })

  it('lets go of a reader that is lost: its room does not come back', async () => {
    const holders = breakable()
    await slowReader()
    holders[0]?.disconnected(true)
    expect(count('lagging')).toBe(0)
  })

  it('keeps a reader whose room goes away for a while', async () => {
    const holders = breakable()
    const reader = await slowReader()
    holders[0]?.disconnected()
    expect(count('lagging')).toBe(1)
    await reader.events(5)
    await nobodyIsBehind()
    expect(holders).toHaveLength(2)
  })

  it('lets go of a reader whose stream has expired', async () => {
    await slowReader({ maxAge: 50, heartbeat: 50 })
    await nobodyIsBehind()
  })

  it('lets go of a reader in code that stops, also while it waits', async () => {
    room = makeRoom('lobby', memoryBackends({ budget: 1_500 })('lobby'))
    const stop = new AbortController()
    const messages = room.read({ signal: stop.signal })[Symbol.asyncIterator]()
    const first = messages.next()
    await vi.waitFor(async () => {
      await room.publish(large)
      expect(count('lagging')).toBe(1)
    })
    await first
    stop.abort()
    await nobodyIsBehind()
  })

  // Last: what opens afterwards is sent away too.
  it('lets go of readers that are sent away because their server ends', async () => {
    const reader = await slowReader()
    const ended = endStreams({ within: 0 })
    await nobodyIsBehind()
    await reader.leave()
    await ended
  })
})
