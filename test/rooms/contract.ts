/** The promises of `src/rooms/room.ts`, held against one backend: every backend runs this. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { eventStream } from '../../src/event-stream.ts'
import type { RoomBackend } from '../../src/rooms/backend.ts'
import type { RoomLimits } from '../../src/rooms/limits.ts'
import { makeRoom } from '../../src/rooms/make-room.ts'
import type { Gap, Published, Room, RoomMessage } from '../../src/rooms/room.ts'
import type { Ticket } from '../../src/rooms/ticket.ts'
import { cutAfter } from '../../src/testing.ts'
import { HEARTBEAT } from '../runtime.ts'
import { delayed } from './delayed.ts'
import { StreamReader } from './stream-reader.ts'

export interface BackendUnderTest {
  durable: boolean
  /** The backend of a room by its name. Small retention: a room keeps at least `RETAINED` events. */
  backendOf(name: string): RoomBackend
  /** Makes the room look at what is too old, where it does not do so by itself when it is read. */
  look?(name: string): Promise<unknown>
}

/** What rooms under test keep at least; beyond 10 % more, the oldest go. */
export const RETAINED = 10
/** Rooms whose names begin so keep the default instead. */
export const LARGE = 'large'

/** Rooms whose names begin so take only so much. */
export const LIMITED = 'limited'
export const LIMITS: RoomLimits = {
  readers: 3,
  publishes: { perSecond: 10, burst: 20 },
  publishesPerSubject: { perSecond: 1, burst: 5 },
}

let rooms = 0
const open: StreamReader[] = []

export function roomContract(backend: BackendUnderTest, latency: number): void {
  const roomOf = (name: string): Room => makeRoom(name, delayed(backend.backendOf(name), latency))
  const newRoom = (): Room => roomOf(`room-${++rooms}-${crypto.randomUUID().slice(0, 8)}`)
  const request = (lastEventId?: string, { accept = '*/*', query = '', method = 'GET' } = {}): Request =>
    new Request(`http://localhost/${query}`, {
      method,
      headers: { accept, ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }) },
    })
  const subscribe = async (
    room: Room,
    lastEventId?: string,
    options: Parameters<Room['subscribe']>[1] & { accept?: string; query?: string } = {},
  ): Promise<StreamReader> => {
    const { accept, query, ...rest } = options
    const asked = request(lastEventId, { ...(accept ? { accept } : {}), ...(query ? { query } : {}) })
    const reader = new StreamReader(await room.subscribe(asked, rest))
    open.push(reader)
    return reader
  }
  const look = async (room: Room): Promise<void> => void (await backend.look?.(room.name))
  const publishMany = async (room: Room, from: number, to: number): Promise<string[]> => {
    const ids: string[] = []
    for (let n = from; n <= to; n++) ids.push((await room.publish({ data: `event ${n}` })).id)
    return ids
  }
  const collect = async (messages: AsyncIterable<RoomMessage | Gap>): Promise<(RoomMessage | Gap)[]> => {
    const all: (RoomMessage | Gap)[] = []
    for await (const message of messages) all.push(message)
    return all
  }
  const subscribersOf = async (room: Room): Promise<number | undefined> => (await room.info())?.subscribers

  afterEach(async () => {
    await Promise.all(open.splice(0).map((reader) => reader.leave()))
  })

  describe('publish', () => {
    it('gives ids that count without holes and name their log', async () => {
      const room = newRoom()
      const published = [await room.publish({ data: 'a' }), await room.publish({ data: 'b' })]
      expect(published.map(({ id }) => id)).toEqual([
        expect.stringMatching(/^1-[0-9a-z]{6}$/),
        expect.stringMatching(/^2-[0-9a-z]{6}$/),
      ])
      expect(published[0]).toMatchObject({ duplicate: false, durable: backend.durable })
    })

    it('delivers numbers, booleans, null, the empty string, many lines and NUL as they are', async () => {
      const room = newRoom()
      for (const data of [0, false, null, '', 'one\r\ntwo\rthree\nfour', { a: [1] }, 'a\0b', 'last'])
        await room.publish({ data })
      expect((await collect(room.read({ live: false }))).map((message) => 'data' in message && message.data)).toEqual([
        '0',
        'false',
        'null',
        '',
        'one\ntwo\nthree\nfour',
        '{"a":[1]}',
        'a\0b',
        'last',
      ])
    })

    it('refuses what is no message, and the log does not change', async () => {
      const room = newRoom()
      await room.publish({ data: 'before' })
      const refused = {
        'invalid-message': [{ data: undefined }, { data: 1, event: 7 as unknown as string }],
        'invalid-event-name': [
          { data: 1, event: 'a\nb' },
          { data: 1, event: 'a\rb' },
          { data: 1, event: '\u202e' },
          { data: 1, event: 'a\u034fb' },
          { data: 1, event: 'x'.repeat(129) },
        ],
        'reserved-event-name': [{ data: 1, event: 'stream.live' }],
        'cannot-encode': [{ data: '\ud800' }, { data: 1n }],
        'payload-too-large': [{ data: '\n'.repeat(50_000) }, { data: 'x'.repeat(262_144) }],
      }
      for (const [code, messages] of Object.entries(refused))
        for (const message of messages) await expect(room.publish(message)).rejects.toMatchObject({ code })
      expect(await room.info()).toMatchObject({ count: 1 })
    })

    it('is idempotent: the same key is one event and one id, however many at once', async () => {
      const room = newRoom()
      const all = await Promise.all(Array.from({ length: 100 }, () => room.publish({ data: 'once' }, { key: 'k' })))
      expect(new Set(all.map(({ id }) => id)).size).toBe(1)
      expect(all.filter(({ duplicate }) => !duplicate)).toHaveLength(1)
      expect(await room.info()).toMatchObject({ count: 1 })
    })

    it('refuses a key that was used for another message, and keeps keys of subjects and rooms apart', async () => {
      const room = newRoom()
      const { id } = await room.publish({ event: 'a', data: 'x' }, { key: 'k', subject: 'ada' })
      for (const other of [{ event: 'a', data: 'y' }, { event: 'b', data: 'x' }, { data: 'x' }])
        await expect(room.publish(other, { key: 'k', subject: 'ada' })).rejects.toMatchObject({
          code: 'idempotency-conflict',
        })
      expect(await room.publish({ data: 'y' }, { key: 'k', subject: 'ben' })).toMatchObject({ duplicate: false })
      expect(await newRoom().publish({ data: 'y' }, { key: 'k', subject: 'ada' })).toMatchObject({ duplicate: false })
      expect(await room.publish({ event: 'a', data: 'x' }, { key: 'k', subject: 'ada' })).toMatchObject({
        id,
        duplicate: true,
      })
    })

    it.each(['', 'x'.repeat(65), 'a\u0000b', 'a\u200bb'])('refuses the key %j', async (key) => {
      await expect(newRoom().publish({ data: 1 }, { key })).rejects.toMatchObject({ code: 'invalid-idempotency-key' })
    })

    it('publishes nothing when it was aborted before', async () => {
      const room = newRoom()
      await expect(room.publish({ data: 1 }, { signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow(
        'too late',
      )
      expect(await room.info()).toBeUndefined()
    })

    it('brings no room to life where it may not, and publishes to one that is there', async () => {
      const room = newRoom()
      const absent = { code: 'room-not-found' }
      await expect(room.publish({ data: 1 }, { create: false, key: 'k' })).rejects.toMatchObject(absent)
      await expect(room.publishAll([{ data: 1 }, { data: 2 }], { create: false })).rejects.toMatchObject(absent)
      expect(await room.info()).toBeUndefined()
      const reader = await subscribe(room) // Who waits for it does not make it.
      await reader.untilLive()
      await expect(room.publish({ data: 1 }, { create: false })).rejects.toMatchObject(absent)
      const { id } = await room.publish({ data: 1 }, { create: true, key: 'k' })
      expect(await reader.events(1)).toEqual([id])
      expect(await room.publish({ data: 1 }, { create: false, key: 'k' })).toMatchObject({ id, duplicate: true })
      expect(await room.publish({ data: 2 }, { create: false })).toMatchObject({ duplicate: false })
      await room.purge()
      expect(await room.publish({ data: 3 }, { create: false })).toMatchObject({ id: expect.stringMatching(/^3-/) })
      await room.close()
      expect(await room.publish({ data: 1 }, { create: false, key: 'k' })).toMatchObject({ id, duplicate: true })
      await expect(room.publish({ data: 4 }, { create: false })).rejects.toMatchObject({ code: 'room-closed' })
    })

    it('keeps the order of a publisher that does not wait', async () => {
      const room = newRoom()
      const published = await Promise.all([1, 2, 3, 4, 5].map((n) => room.publish({ data: n })))
      expect(published.map(({ id }) => Number.parseInt(id, 10))).toEqual([1, 2, 3, 4, 5])
    })
  })

  describe('publishAll', () => {
    const batch = (count: number, data = 'event'): { data: string }[] =>
      Array.from({ length: count }, (_, n) => ({ data: `${data} ${n + 1}` }))

    it('appends messages next to each other, in order, also while others publish', async () => {
      const room = newRoom()
      const batches = await Promise.all(
        ['a', 'b', 'c'].flatMap((name) => [room.publishAll(batch(3, name)), room.publish({ data: name })]),
      )
      expect((await collect(room.read({ live: false }))).map((message) => 'data' in message && message.data)).toEqual(
        ['a', 'b', 'c'].flatMap((name) => [`${name} 1`, `${name} 2`, `${name} 3`, name]),
      )
      const [first] = batches
      expect((first as Published[]).map(({ id }) => id)).toEqual([
        expect.stringMatching(/^1-/),
        expect.stringMatching(/^2-/),
        expect.stringMatching(/^3-/),
      ])
      expect(first).toEqual(
        Array.from({ length: 3 }, () => ({ id: expect.any(String), duplicate: false, durable: backend.durable })),
      )
    })

    it('is all or nothing: one message that is bad, and which one, and none is there', async () => {
      const room = newRoom()
      const bad = [...batch(2), { data: 1, event: 'stream.live' }, ...batch(2)]
      await expect(room.publishAll(bad)).rejects.toMatchObject({
        code: 'reserved-event-name',
        message: expect.stringContaining('message 3'),
      })
      for (const [code, data] of [
        ['payload-too-large', 'x'.repeat(262_144)],
        ['cannot-encode', '\ud800'],
      ])
        await expect(room.publishAll([...batch(2), { data }])).rejects.toMatchObject({
          code,
          message: expect.stringContaining('(message 3)'),
        })
      const odd = [undefined, null, 'text', new Set(batch(1)), [null], [batch(1)[0], undefined], Array(3)]
      for (const each of odd)
        await expect(room.publishAll(each as { data: string }[])).rejects.toMatchObject({ code: 'invalid-message' })
      expect(await room.info()).toBeUndefined()
    })

    it('takes 1,000 messages and 1 MiB, and no more', async () => {
      const room = roomOf(`${LARGE}-${crypto.randomUUID()}`)
      await expect(room.publishAll(batch(1_001))).rejects.toMatchObject({ code: 'payload-too-large' })
      const large = Array.from({ length: 5 }, () => ({ data: 'x'.repeat(209_500) }))
      expect(await room.publishAll(large)).toHaveLength(5)
      await expect(room.publishAll([...large, { data: 'x'.repeat(2_000) }])).rejects.toMatchObject({
        code: 'payload-too-large',
      })
      for (const data of ['x'.repeat(40_000_000), Array.from({ length: 300 }, () => 'x'.repeat(200_000))])
        await expect(
          typeof data === 'string'
            ? room.publish({ data }, { key: 'k' })
            : room.publishAll(data.map((each) => ({ data: each }))),
        ).rejects.toMatchObject({ code: 'payload-too-large' })
      expect(await room.publishAll(batch(1_000))).toHaveLength(1_000)
      expect(await room.info()).toMatchObject({ newest: expect.stringMatching(/^1005-/) })
      expect(await room.publishAll([])).toEqual([])
    })

    it('has one key for all of it: the same ids again, and another batch under it is refused', async () => {
      const room = newRoom()
      const first = await room.publishAll(batch(3), { key: 'k' })
      const again = await Promise.all(Array.from({ length: 20 }, () => room.publishAll(batch(3), { key: 'k' })))
      for (const published of again) expect(published).toEqual(first.map((each) => ({ ...each, duplicate: true })))
      for (const other of [batch(2), batch(4), [...batch(2), { data: 'event 3', event: 'x' }], batch(3).reverse()])
        await expect(room.publishAll(other, { key: 'k' })).rejects.toMatchObject({ code: 'idempotency-conflict' })
      await expect(room.publish({ data: 'event 1' }, { key: 'k' })).rejects.toMatchObject({
        code: 'idempotency-conflict',
      })
      expect(await room.info()).toMatchObject({ count: 3 })
    })

    it('reaches a live reader whole, and is resumed inside: a cut at any message continues with the next', async () => {
      const room = roomOf(`${LARGE}-${crypto.randomUUID()}`)
      const live = await subscribe(room)
      await live.untilLive()
      // Three frames, of which the pages hold a part each.
      const ids = (await room.publishAll(Array.from({ length: 24 }, () => ({ data: 'x'.repeat(30_000) })))).map(
        ({ id }) => id,
      )
      expect(await live.events(24)).toEqual(ids)
      for (const [index, id] of ids.entries()) {
        if (index % 5 > 0) continue
        expect(await (await subscribe(room, id)).idsUntilLive()).toEqual([...ids.slice(index + 1), ids.at(-1)])
      }
    })
  })

  describe('purge', () => {
    it('deletes all events; readers at the head notice nothing, and ids go on counting', async () => {
      const room = newRoom()
      const ids = await publishMany(room, 1, 5)
      const reader = await subscribe(room)
      await reader.untilLive()
      await room.purge()
      await room.purge()
      expect(await collect(room.read({ live: false }))).toEqual([])
      expect(await room.info()).toEqual({ oldest: null, newest: ids[4], count: 0, subscribers: 1, state: 'open' })
      const more = await publishMany(room, 6, 7)
      expect(more[0]).toMatch(/^6-/)
      expect(await reader.events(2)).toEqual(more)
      expect(reader.complete().filter(({ event }) => event === 'stream.gap')).toEqual([])
      // The head it was purged at is a good id, older ones are not.
      expect(await (await subscribe(room, ids[4])).idsUntilLive()).toEqual([...more, more[1]])
      const [gap] = await (await subscribe(room, ids[3])).untilLive()
      expect(gap).toMatchObject({ event: 'stream.gap', id: ids[4] })
      expect(JSON.parse(gap?.data ?? '')).toMatchObject({ reason: 'expired', oldest: more[0], newest: more[1] })
    })

    it('keeps the keys: a publish that is tried again does not come back', async () => {
      const room = newRoom()
      const { id } = await room.publish({ data: 1 }, { key: 'k' })
      await room.purge()
      expect(await room.publish({ data: 1 }, { key: 'k' })).toMatchObject({ id, duplicate: true })
      expect(await room.info()).toMatchObject({ count: 0 })
    })

    it('leaves an absent room absent, and a closed one closed', async () => {
      const room = newRoom()
      await room.purge()
      expect(await room.info()).toBeUndefined()
      const [id] = await publishMany(room, 1, 1)
      await room.close()
      await room.purge()
      expect(await room.info()).toMatchObject({ state: 'closed', count: 0, newest: id })
      expect((await room.subscribe(request(id))).status).toBe(204)
    })
  })

  describe('time', () => {
    const HOUR = 3_600_000
    const pass = (milliseconds: number): void => void vi.advanceTimersByTime(milliseconds)
    /** Somebody sets the clock: no time has passed. */
    const step = (milliseconds: number): void => void vi.setSystemTime(Date.now() + milliseconds)
    beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'performance'] }))
    afterEach(() => void vi.useRealTimers())

    it('lets go of what is older than 24 hours, and of a room that was empty for as long', async () => {
      const room = newRoom()
      const old = await publishMany(room, 1, 3)
      pass(20 * HOUR)
      const young = await publishMany(room, 4, 5)
      pass(7 * HOUR)
      await look(room)
      expect(await room.info()).toMatchObject({ oldest: young[0], newest: young[1], count: 2 })
      const [gap] = await (await subscribe(room, old[0])).untilLive()
      expect(JSON.parse(gap?.data ?? '')).toMatchObject({ reason: 'expired', asked: old[0], oldest: young[0] })
      expect(await (await subscribe(room, old[2])).idsUntilLive()).toEqual([...young, young[1]])
      await Promise.all(open.splice(0).map((reader) => reader.leave()))
      await vi.waitFor(async () => expect(await subscribersOf(room)).toBe(0))
      pass(20 * HOUR)
      await look(room)
      expect(await room.info()).toEqual({ oldest: null, newest: young[1], count: 0, subscribers: 0, state: 'open' })
      expect(await (await subscribe(room, young[1])).idsUntilLive()).toEqual([young[1]])
      await Promise.all(open.splice(0).map((reader) => reader.leave()))
      await vi.waitFor(async () => expect(await subscribersOf(room)).toBe(0))
      pass(30 * HOUR)
      await look(room)
      expect(await room.info()).toBeDefined() // Its readers may just be coming back.
      pass(3 * HOUR)
      await look(room)
      expect(await room.info()).toBeUndefined()
      // What comes now is another log: an id of the old one is never taken for one of it.
      await publishMany(room, 1, 6)
      const [unknown] = await (await subscribe(room, young[1])).untilLive()
      expect(JSON.parse(unknown?.data ?? '')).toMatchObject({ reason: 'unknown', asked: young[1] })
    })

    it('may step an hour forth: a key is good whatever is published and let go meanwhile', async () => {
      const room = newRoom()
      const { id } = await room.publish({ data: 1 }, { key: 'k' })
      step(HOUR)
      await room.publishAll(
        Array.from({ length: 1_000 }, (_, n) => ({ data: n })),
        { key: 'l' },
      )
      expect(await room.publish({ data: 1 }, { key: 'k' })).toMatchObject({ id, duplicate: true })
      await room.purge()
      expect(await room.publish({ data: 1 }, { key: 'k' })).toMatchObject({ id, duplicate: true })
    })

    it('may step an hour back and forth: nobody loses or repeats anything, and ids and keys stay good', async () => {
      const room = roomOf(`${LARGE}-${crypto.randomUUID()}`)
      const reader = await subscribe(room, '0')
      const ids: string[] = []
      for (let n = 0; n < 20; n++) {
        step((n % 3 === 0 ? -1 : 1) * (n % 2) * HOUR)
        const { id } = await room.publish({ data: n }, { key: `k${n}` })
        ids.push(id)
        if (n % 10 === 0) await look(room)
        expect(await room.publish({ data: n }, { key: `k${n}` })).toMatchObject({ id, duplicate: true })
      }
      expect(await reader.events(20)).toEqual(ids)
      expect(await (await subscribe(room, ids[9])).idsUntilLive()).toEqual([...ids.slice(10), ids[19]])
    })

    it('keeps a key for 24 hours', async () => {
      const room = newRoom()
      const { id } = await room.publish({ data: 1 }, { key: 'k' })
      pass(24 * HOUR)
      await room.publish({ data: 2 }, { key: 'l' })
      expect(await room.publish({ data: 1 }, { key: 'k' })).toMatchObject({ id, duplicate: true })
    })
  })

  describe('subscribe', () => {
    it('says first where it stands: presence, then stream.live with the head, 0 in an absent room', async () => {
      const room = newRoom()
      const reader = await subscribe(room)
      expect(await reader.take(2)).toEqual([
        { event: 'stream.presence', data: '{"subscribers":1}' },
        { id: '0', event: 'stream.live', data: '{}' },
      ])
      const { id } = await room.publish({ event: 'chat', data: 'hi' })
      expect(await reader.take(1)).toEqual([{ id, event: 'chat', data: 'hi' }])
      expect(reader.comments).toEqual([`heartbeat=${HEARTBEAT}`])
    })

    it('starts where it is asked to: live, start, a number of last events', async () => {
      const room = newRoom()
      const ids = await publishMany(room, 1, 5)
      const starts = { live: 0, start: 5, 0: 0, 2: 2, 5: 5, 99: 5 }
      for (const [from, count] of Object.entries(starts)) {
        const byQuery = await subscribe(room, undefined, { query: `?from=${from}` })
        expect(await byQuery.idsUntilLive(), from).toEqual([...ids.slice(5 - count), ids[4]])
      }
      const byOption = await subscribe(room, undefined, { query: '?from=live', from: 2 })
      expect(await byOption.idsUntilLive()).toEqual([...ids.slice(3), ids[4]])
    })

    it('resumes after each id with exactly what follows', async () => {
      const room = newRoom()
      const ids = await publishMany(room, 1, 6)
      for (const [index, id] of ids.entries())
        expect(await (await subscribe(room, id)).idsUntilLive()).toEqual([...ids.slice(index + 1), ids[5]])
      expect(await (await subscribe(room, '0')).idsUntilLive()).toEqual([...ids, ids[5]])
      const byQuery = await subscribe(room, undefined, { query: `?lastEventId=${ids[3]}&from=start` })
      expect(await byQuery.idsUntilLive()).toEqual([ids[4], ids[5], ids[5]])
      const headerWins = await subscribe(room, ids[4], { query: `?lastEventId=${ids[0]}` })
      expect(await headerWins.idsUntilLive()).toEqual([ids[5], ids[5]])
      const empty = await subscribe(room, '', { query: '?from=1' })
      expect(await empty.idsUntilLive()).toEqual([ids[5], ids[5]])
    })

    it('loses and repeats nothing when it is cut at any byte and resumed', async () => {
      const room = newRoom()
      const ids = await publishMany(room, 1, 3)
      const whole = new StreamReader(await room.subscribe(request('0')))
      await whole.idsUntilLive()
      const { length } = new TextEncoder().encode(whole.text)
      await whole.leave()
      const offsets = Array.from({ length: length + 1 }, (_, offset) => offset)
      const cutAt = async (offset: number): Promise<void> => {
        const cut = new StreamReader(cutAfter(await room.subscribe(request('0')), { bytes: offset }, { as: 'end' }))
        const before = (await cut.rest()).filter(({ event }) => !event?.startsWith('stream.'))
        const resumed = await subscribe(room, cut.lastEventId || '0')
        const after = (await resumed.idsUntilLive()).slice(0, -1)
        expect([...before.map(({ id }) => id), ...after], `cut at ${offset}`).toEqual(ids)
        await resumed.leave()
      }
      // At once, because with latency each takes its time; a stream is a stream.
      for (let from = 0; from < offsets.length; from += 25) await Promise.all(offsets.slice(from, from + 25).map(cutAt))
    })

    it('misses nothing for a reader that had only stream.live of a room with a past', async () => {
      const room = newRoom()
      const ids = await publishMany(room, 1, 4)
      const first = await subscribe(room)
      const [live] = await first.idsUntilLive()
      await first.leave()
      expect(live).toBe(ids[3])
      const more = await publishMany(room, 5, 6)
      expect(await (await subscribe(room, live)).idsUntilLive()).toEqual([...more, more[1]])
    })

    it.each([0, 1, RETAINED - 1, RETAINED, RETAINED + 1, RETAINED * 1.1 + 1, RETAINED * 3])(
      'replays a log of %i events exactly as far as it is retained',
      async (count) => {
        const room = newRoom()
        const ids = await publishMany(room, 1, count)
        const info = await room.info()
        const retained = ids.slice(count - (info?.count ?? 0))
        expect(retained.length).toBeGreaterThanOrEqual(Math.min(count, RETAINED))
        expect(retained.length).toBeLessThanOrEqual(RETAINED * 1.1)
        const newest = ids.at(-1) ?? '0'
        expect(await (await subscribe(room, undefined, { from: 'start' })).idsUntilLive()).toEqual([
          ...retained,
          newest,
        ])
        expect((await collect(room.read({ live: false }))).map(({ id }) => id)).toEqual(retained)
        // The floor itself is a good cursor; what lies before it is not.
        const floor = ids[count - retained.length - 1] ?? '0'
        expect(await (await subscribe(room, floor)).idsUntilLive()).toEqual([...retained, newest])
        if (floor !== '0') {
          const reader = await subscribe(room, '0')
          expect((await reader.untilLive())[0]).toMatchObject({ id: floor, event: 'stream.gap' })
        }
      },
    )

    it('says a gap once, with its reason, then everything retained, then stream.live once', async () => {
      const room = newRoom()
      const other = newRoom()
      const [foreign] = await publishMany(other, 1, 1)
      const ids = await publishMany(room, 1, RETAINED * 2)
      const { oldest = '', newest = '', count = 0 } = { ...(await room.info()) }
      const retained = ids.slice(ids.length - count)
      const floor = ids[ids.length - count - 1]
      const inside = Number.parseInt(retained[2] ?? '', 10)
      const asked = {
        expired: [ids[0], foreign, '0'],
        unknown: [`${inside}-aaaaaa`, `${ids.length + 5}-aaaaaa`, '9007199254740991-aaaaaa'],
        malformed: ["'; DROP", '1e3', '-1', '1-ABCDEF', `1-${'a'.repeat(8000)}`, '18446744073709551616-aaaaaa', '1, 2'],
      }
      for (const [reason, cursors] of Object.entries(asked)) {
        for (const cursor of cursors) {
          const reader = await subscribe(room, cursor, { accept: 'text/event-stream' })
          const messages = (await reader.untilLive()).filter(({ event }) => event !== 'stream.presence')
          const [gap, ...rest] = messages
          const gapData = { reason, asked: reason === 'malformed' ? null : cursor, oldest, newest }
          expect(gap).toMatchObject({ id: floor, event: 'stream.gap' })
          expect(JSON.parse(gap?.data ?? '')).toEqual(gapData)
          expect(rest.map(({ id }) => id)).toEqual([...retained, newest])
          expect(messages.filter(({ event }) => event === 'stream.live')).toHaveLength(1)
          await reader.leave()
        }
      }
    })

    it('says a gap too when an absent room is asked for an id it never gave', async () => {
      const reader = await subscribe(newRoom(), '7-abcdef')
      const [gap] = await reader.untilLive()
      expect(gap).toMatchObject({ id: '0', event: 'stream.gap' })
      expect(JSON.parse(gap?.data ?? '')).toEqual({ reason: 'unknown', asked: '7-abcdef', oldest: null, newest: null })
    })

    it('refuses what is no id or parameter, where the client can read a refusal', async () => {
      const room = newRoom()
      const malformed = await room.subscribe(
        request("'; DROP", { accept: 'text/event-stream, application/problem+json' }),
      )
      expect(malformed.status).toBe(400)
      expect(await malformed.json()).toMatchObject({ type: '/problems/invalid-last-event-id' })
      for (const from of ['', 'x', '-1', '1.5', '1e3', '9'.repeat(20)]) {
        const answer = await room.subscribe(request(undefined, { query: `?from=${from}` }))
        expect([answer.status, await answer.json()]).toEqual([
          400,
          expect.objectContaining({ type: '/problems/invalid-parameter' }),
        ])
      }
    })

    it('answers HEAD with headers alone, and 204 to ~end', async () => {
      const room = newRoom()
      await publishMany(room, 1, 1)
      const head = await room.subscribe(request(undefined, { method: 'HEAD' }))
      expect([head.status, head.body, head.headers.get('content-type')]).toEqual([200, null, 'text/event-stream'])
      expect((await room.subscribe(request('~end'))).status).toBe(204)
      expect(await subscribersOf(room)).toBe(0)
    })

    it('takes further headers, but lets nobody keep what is said, and no header that is none', async () => {
      const room = newRoom()
      await publishMany(room, 1, 1)
      const head = request(undefined, { method: 'HEAD' })
      const { headers } = await room.subscribe(head, { headers: { 'X-Mine': 'a', 'Cache-Control': 'public' } })
      expect(headers.get('x-mine')).toBe('a')
      expect(headers.get('cache-control')).toBe('no-cache, no-store, no-transform')
      await expect(room.subscribe(request(), { headers: { 'not a name': 'a' } })).rejects.toThrow(TypeError)
      expect(await subscribersOf(room)).toBe(0)
    })

    it('loses and repeats nothing for readers that join while others publish', async () => {
      const room = newRoom()
      const readers: { reader: StreamReader; after: string }[] = []
      const ids: string[] = []
      const publishers = Array.from({ length: 4 }, async (_, publisher) => {
        for (let n = 0; n < 30; n++) {
          const { id } = await room.publish({ data: `${publisher}:${n}` })
          ids.push(id)
          if (readers.length < 20) {
            const after = ids[Math.max(0, ids.length - 1 - (n % 5))] as string
            const place = { reader: undefined as unknown as StreamReader, after }
            readers.push(place)
            place.reader = await subscribe(room, after)
          }
        }
      })
      await Promise.all(publishers)
      const newest = (await room.info())?.newest
      for (const { reader, after } of readers) {
        const events = await reader.until(({ id }) => id === newest)
        const seqs = events.filter(({ event }) => event === undefined).map(({ id }) => Number.parseInt(id ?? '', 10))
        const gap = events.find(({ event }) => event === 'stream.gap')
        const first = Number.parseInt(gap?.id ?? after, 10)
        expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, index) => first + 1 + index))
      }
    })

    it('forgets a reader that left', async () => {
      const room = newRoom()
      await publishMany(room, 1, 1)
      const one = await subscribe(room)
      const two = await subscribe(room)
      await one.untilLive()
      await two.untilLive()
      expect(await subscribersOf(room)).toBe(2)
      await one.leave()
      await vi.waitFor(async () => expect(await subscribersOf(room)).toBe(1))
      expect(await two.until(({ data }) => data === '{"subscribers":1}')).toHaveLength(1)
    })

    it('sends a reader to reconnect when its stream is old, and it resumes exactly', async () => {
      const room = newRoom()
      const ids = await publishMany(room, 1, 2)
      const old = await subscribe(room, '0', { maxAge: 1 })
      const messages = await old.all()
      expect(messages.at(-1)).toEqual({ event: 'stream.end', data: '{"reconnect":true}' })
      const last = messages.findLast(({ id }) => id !== undefined)?.id
      const more = await publishMany(room, 3, 3)
      const seen = messages.filter(({ event }) => event === undefined).map(({ id }) => id)
      const rest = (await (await subscribe(room, last ?? '0')).idsUntilLive()).slice(0, -1)
      expect([...seen, ...rest]).toEqual([...ids, ...more])
    })
  })

  describe('a right to read that ends', () => {
    it('ends the stream, which resumes exactly', async () => {
      const room = newRoom()
      const ids = await publishMany(room, 1, 2)
      const reader = await subscribe(room, '0', { expires: Date.now() + 300 })
      const messages = await reader.all()
      expect(messages.at(-1)).toEqual({ event: 'stream.end', data: '{"reconnect":true}' })
      expect(messages.flatMap(({ id, event }) => (event === undefined ? [id] : []))).toEqual(ids)
      await vi.waitFor(async () => expect(await subscribersOf(room)).toBe(0))
      const more = await publishMany(room, 3, 3)
      expect(await (await subscribe(room, ids[1])).idsUntilLive()).toEqual([...more, ...more])
    })

    it('lets nothing through that comes then, although its timer is late', async () => {
      vi.useFakeTimers({ toFake: ['Date', 'performance'] })
      try {
        const room = newRoom()
        const ids = await publishMany(room, 1, 1)
        const reader = await subscribe(room, '0', { expires: Date.now() + 60_000 })
        const other = await subscribe(room, '0', { expires: Date.now() + 120_000 })
        await reader.untilLive()
        await other.untilLive()
        vi.advanceTimersByTime(59_999)
        ids.push(...(await publishMany(room, 2, 2)))
        expect(await reader.events(1)).toEqual([ids[1]])
        vi.advanceTimersByTime(1)
        ids.push(...(await publishMany(room, 3, 3)))
        const rest = (await reader.all()).filter(({ event }) => event !== 'stream.presence')
        expect(rest).toEqual([{ event: 'stream.end', data: '{"reconnect":true}' }])
        expect(await other.events(2)).toEqual(ids.slice(1))
        await vi.waitFor(async () => expect(await subscribersOf(room)).toBe(1))
      } finally {
        vi.useRealTimers()
      }
    })

    it('shows nothing of the room to whom it ended before', async () => {
      const room = newRoom()
      await publishMany(room, 1, 1)
      const reader = await subscribe(room, '0', { expires: Date.now() - 1 })
      expect(await reader.all()).toEqual([{ event: 'stream.end', data: '{"reconnect":true}' }])
      expect(await subscribersOf(room)).toBe(0)
      await expect(room.subscribe(request(), { expires: Number.NaN })).rejects.toMatchObject({ code: 'invalid-option' })
    })
  })

  describe('a ticket', () => {
    const newTicket = (lasts = 30_000): Ticket => ({ id: crypto.randomUUID(), expires: Date.now() + lasts })
    const refusal = { status: 401, type: '/problems/invalid-ticket' }
    const refused = async (answer: Response | Promise<Response>): Promise<void> => {
      const { status, headers } = await answer
      expect([status, headers.get('www-authenticate'), headers.get('content-type')]).toEqual([
        401,
        'Bearer',
        'application/problem+json',
      ])
      expect(await (await answer).json()).toMatchObject(refusal)
    }

    it('lets one reader in, once, and brings no room to life', async () => {
      const room = newRoom()
      const ticket = newTicket()
      const reader = await subscribe(room, undefined, { ticket })
      await reader.untilLive()
      await refused(room.subscribe(request(), { ticket }))
      await refused(room.subscribe(request('1-abcdef', { accept: 'text/event-stream' }), { ticket }))
      expect(await room.info()).toBeUndefined()
      await expect(room.publish({ data: 1 }, { create: false })).rejects.toMatchObject({ code: 'room-not-found' })
      const { id } = await room.publish({ data: 1 })
      expect(await reader.events(1)).toEqual([id])
      expect(await room.info()).toMatchObject({ subscribers: 1 })
      await refused(room.subscribe(request(), { ticket }))
      expect(await (await subscribe(room, '0', { ticket: newTicket() })).idsUntilLive()).toEqual([id, id])
    })

    it('opens one stream alone, of 100 that come with it at once', async () => {
      const room = newRoom()
      await publishMany(room, 1, 1)
      const ticket = newTicket()
      const answers = await Promise.all(Array.from({ length: 100 }, () => room.subscribe(request(), { ticket })))
      const streams = answers.filter(({ status }) => status === 200)
      open.push(...streams.map((stream) => new StreamReader(stream)))
      expect(streams).toHaveLength(1)
      for (const answer of answers) if (answer.status !== 200) await refused(answer)
      expect(await subscribersOf(room)).toBe(1)
    })

    it('is good until it expires, and used up as long, also where the clock steps back', async () => {
      vi.useFakeTimers({ toFake: ['Date', 'performance'] })
      try {
        const room = newRoom()
        const [soon, late, other] = [newTicket(10_000), newTicket(60_000), newTicket(60_000)]
        await subscribe(room, undefined, { ticket: late })
        vi.advanceTimersByTime(10_000)
        await refused(room.subscribe(request(), { ticket: soon }))
        vi.advanceTimersByTime(49_999)
        await look(room)
        await refused(room.subscribe(request(), { ticket: late }))
        vi.setSystemTime(Date.now() - 3_600_000)
        await refused(room.subscribe(request(), { ticket: late }))
        await subscribe(room, undefined, { ticket: other })
        vi.setSystemTime(Date.now() + 3_600_001)
        await look(room)
        await refused(room.subscribe(request(), { ticket: late }))
        await refused(room.subscribe(request(), { ticket: other }))
      } finally {
        vi.useRealTimers()
      }
    })

    it('is not spent by HEAD, by who has read a closed room, nor by whose right has ended', async () => {
      const room = newRoom()
      const [id] = await publishMany(room, 1, 1)
      const ticket = newTicket()
      expect((await room.subscribe(request(undefined, { method: 'HEAD' }), { ticket })).status).toBe(200)
      await (await subscribe(room, '0', { ticket, expires: Date.now() - 1 })).all()
      expect((await room.subscribe(request('~end'), { ticket })).status).toBe(204)
      await room.close()
      expect((await room.subscribe(request(id), { ticket })).status).toBe(204)
      expect((await (await subscribe(room, '0', { ticket })).all()).at(0)).toMatchObject({ id })
      await refused(room.subscribe(request('0'), { ticket }))
    })

    it('is refused at the call where it is none', async () => {
      const room = newRoom()
      for (const id of ['', 'a b', 'ä', 'x'.repeat(65), undefined as unknown as string])
        await expect(room.subscribe(request(), { ticket: { ...newTicket(), id } })).rejects.toMatchObject({
          code: 'invalid-option',
          field: 'ticket.id',
        })
      for (const expires of [Number.NaN, Number.POSITIVE_INFINITY, '1' as unknown as number])
        await expect(room.subscribe(request(), { ticket: { ...newTicket(), expires } })).rejects.toMatchObject({
          code: 'invalid-option',
          field: 'ticket.expires',
        })
      for (const lasts of [0.5, 10 ** 20]) await refusedTwice(room, newTicket(1_000 + lasts))
    })

    const refusedTwice = async (room: Room, ticket: Ticket): Promise<void> => {
      await subscribe(room, undefined, { ticket })
      await refused(room.subscribe(request(), { ticket }))
    }
  })

  describe('a room that takes only so much', () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'performance'] }))
    afterEach(() => void vi.useRealTimers())
    const limitedRoom = (): Room => roomOf(`${LIMITED}-${crypto.randomUUID()}`)
    const batch = (count: number): { data: number }[] => Array.from({ length: count }, (_, n) => ({ data: n }))
    const pass = (milliseconds: number): void => void vi.advanceTimersByTime(milliseconds)
    const limited = (field: string, retryAfter: number): object => ({ code: 'rate-limited', field, retryAfter })
    const seqOf = async (room: Room): Promise<number> => Number.parseInt((await room.info())?.newest ?? '', 10)

    it('lets no more readers in at once, and the next when one has left', async () => {
      const room = limitedRoom()
      await publishMany(room, 1, 1)
      const ticket = { id: crypto.randomUUID(), expires: Date.now() + 30_000 }
      const answers = await Promise.all(Array.from({ length: 10 }, () => room.subscribe(request())))
      const readers = answers.flatMap((answer) => (answer.status === 200 ? [new StreamReader(answer)] : []))
      open.push(...readers)
      expect(readers).toHaveLength(3)
      const full = await room.subscribe(request(), { ticket })
      expect([full.status, full.headers.get('retry-after')]).toEqual([429, '5'])
      expect(await full.json()).toMatchObject({ type: '/problems/too-many-connections' })
      const live = room.read()[Symbol.asyncIterator]().next()
      await expect(live).rejects.toMatchObject({ code: 'too-many-connections', field: 'readers', retryAfter: 5 })
      expect(await collect(room.read({ live: false }))).toHaveLength(1)
      await readers[0]?.leave()
      await vi.waitFor(async () => expect(await subscribersOf(room)).toBe(2))
      await subscribe(room, undefined, { ticket }) // Which was not spent.
      expect((await room.subscribe(request())).status).toBe(429)
    })

    it('tells a native client inside a stream that it is full, and lets it in when it comes back', async () => {
      const room = limitedRoom()
      const readers = await Promise.all([1, 2, 3].map(() => subscribe(room)))
      const full = await room.subscribe(request(undefined, { accept: 'text/event-stream' }))
      const turnedAway = new StreamReader(full)
      expect(await turnedAway.all()).toEqual([{ event: 'stream.busy', data: '{"code":"too-many-connections"}' }])
      expect(turnedAway.text).toMatch(/^retry: (?:[5-9]|1[0-4])\d{3}\n\nevent: stream.busy\n/)
      await readers[0]?.leave()
      await vi.waitFor(async () => {
        const back = new StreamReader(await room.subscribe(request(undefined, { accept: 'text/event-stream' })))
        open.push(back)
        expect((await back.untilLive()).at(-1)).toMatchObject({ event: 'stream.live' })
      })
    })

    it('counts messages, so that a batch is as many, and stores nothing of what it refuses', async () => {
      const room = limitedRoom()
      const [first] = await room.publishAll(batch(18), { key: 'k' })
      await publishMany(room, 19, 20)
      await expect(room.publish({ data: 1 })).rejects.toMatchObject(limited('publishes', 1))
      await expect(room.publishAll(batch(20), { key: 'l' })).rejects.toMatchObject(limited('publishes', 2))
      await expect(room.publishAll(batch(21))).rejects.toMatchObject({ code: 'payload-too-large' })
      for (let n = 0; n < 5; n++)
        expect((await room.publishAll(batch(18), { key: 'k' }))[0]).toEqual({ ...first, duplicate: true })
      expect(await seqOf(room)).toBe(20)
      pass(100)
      expect(await room.publish({ data: 1 })).toMatchObject({ id: expect.stringMatching(/^21-/) })
      await expect(room.publish({ data: 1 })).rejects.toMatchObject(limited('publishes', 1))
      pass(100_000)
      expect((await room.publishAll(batch(20), { key: 'l' }))[0]).toMatchObject({ duplicate: false })
      expect(await seqOf(room)).toBe(41)
    })

    it('counts for each subject, and nobody in particular has no count of its own', async () => {
      const room = limitedRoom()
      await room.publishAll(batch(5), { subject: 'ada' })
      await expect(room.publish({ data: 1 }, { subject: 'ada' })).rejects.toMatchObject(
        limited('publishes-per-subject', 1),
      )
      await room.publish({ data: 1 }, { subject: 'ben' })
      await room.publishAll(batch(10))
      pass(1_000)
      await room.publish({ data: 1 }, { subject: 'ada' })
      await expect(room.publishAll(batch(3), { subject: 'ada' })).rejects.toMatchObject(
        limited('publishes-per-subject', 3),
      )
      expect(await seqOf(room)).toBe(17)
    })
  })

  describe('read', () => {
    it('reads what is there and ends, after an id, and no more than asked for', async () => {
      const room = newRoom()
      const ids = await publishMany(room, 1, 5)
      const idsOf = async (options: Parameters<Room['read']>[0]): Promise<string[]> =>
        (await collect(room.read({ live: false, ...options }))).map(({ id }) => id)
      expect(await idsOf({})).toEqual(ids)
      expect(await idsOf({ after: ids[1] })).toEqual(ids.slice(2))
      expect(await idsOf({ after: ids[4] })).toEqual([])
      expect(await idsOf({ from: 2 })).toEqual(ids.slice(3))
      expect(await idsOf({ from: 'live' })).toEqual([])
      expect(await idsOf({ limit: 2 })).toEqual(ids.slice(0, 2))
      expect(await collect(newRoom().read({ live: false }))).toEqual([])
    })

    it('gives a gap as a message of its own', async () => {
      const room = newRoom()
      const [id] = await publishMany(room, 1, 1)
      expect(await collect(room.read({ after: 'nonsense', live: false }))).toEqual([
        { id: '0', event: 'stream.gap', gap: { reason: 'malformed', asked: null, oldest: id, newest: id } },
        { id, data: 'event 1' },
      ])
    })

    it('goes on with what is published, and counts as a subscriber until it is stopped, also while it waits', async () => {
      const room = newRoom()
      const [first] = await publishMany(room, 1, 1)
      const messages = room.read({ from: 'start' })[Symbol.asyncIterator]()
      expect((await messages.next()).value).toEqual({ id: first, data: 'event 1' })
      const waiting = messages.next()
      expect(await subscribersOf(room)).toBe(1)
      const [second] = await publishMany(room, 2, 2)
      expect((await waiting).value).toEqual({ id: second, data: 'event 2' })
      const never = messages.next()
      await messages.return?.()
      expect((await never).done).toBe(true)
      await vi.waitFor(async () => expect(await subscribersOf(room)).toBe(0))
    })

    it('is a source of a stream, its gap included', async () => {
      const room = newRoom()
      const [id] = await publishMany(room, 1, 1)
      await room.close()
      const stream = new StreamReader(eventStream(request(), room.read({ after: 'nonsense' })))
      expect(await stream.all()).toEqual([
        {
          id: '0',
          event: 'stream.gap',
          data: JSON.stringify({ reason: 'malformed', asked: null, oldest: id, newest: id }),
        },
        { id, data: 'event 1' },
        { id: '~end', event: 'stream.end', data: '{"reconnect":false}' },
      ])
    })

    it('is no subscriber any more when it has ended by itself, and leaves nothing on the signal', async () => {
      const room = newRoom()
      await publishMany(room, 1, 3)
      const { signal } = new AbortController()
      const listeners = vi.spyOn(signal, 'removeEventListener')
      expect(await collect(room.read({ from: 'start', limit: 2, signal }))).toHaveLength(2)
      expect(listeners).toHaveBeenCalled()
      await vi.waitFor(async () => expect(await subscribersOf(room)).toBe(0))
    })

    it('refuses at the call to start where no room can', async () => {
      for (const from of [-5, 1.5, Number.NaN, 'later' as 'live']) {
        expect(() => newRoom().read({ from })).toThrow(expect.objectContaining({ code: 'invalid-option' }))
        await expect(newRoom().subscribe(request(), { from })).rejects.toMatchObject({ code: 'invalid-option' })
      }
      await expect(newRoom().subscribe(request(), { heartbeat: 0 })).rejects.toMatchObject({ code: 'invalid-option' })
    })

    it('ends with what was there when it was asked, whatever is published meanwhile', async () => {
      const room = roomOf(`${LARGE}-${crypto.randomUUID()}`)
      const data = 'x'.repeat(40_000) // One fits in a page.
      const ids = (await room.publishAll([{ data }, { data }, { data }])).map(({ id }) => id)
      const read: string[] = []
      for await (const { id } of room.read({ live: false })) {
        read.push(id)
        await room.publishAll([{ data: 'more' }, { data }])
      }
      expect(read).toEqual(ids)
    })

    it('takes a number of last events however large', async () => {
      const room = newRoom()
      const ids = await publishMany(room, 1, 2)
      const from = Number.MAX_SAFE_INTEGER
      expect((await collect(room.read({ from, limit: 2 }))).map(({ id }) => id)).toEqual(ids)
      expect(await (await subscribe(room, undefined, { from })).idsUntilLive()).toEqual([...ids, ids[1]])
    })

    it('refuses a limit that is none', () => {
      for (const limit of [-1, 1.5, Number.NaN])
        expect(() => newRoom().read({ limit })).toThrow(expect.objectContaining({ code: 'invalid-option' }))
    })

    it('ends when its signal aborts', async () => {
      const room = newRoom()
      const stop = new AbortController()
      const messages = room.read({ signal: stop.signal })[Symbol.asyncIterator]()
      const waiting = messages.next()
      stop.abort()
      expect((await waiting).done).toBe(true)
    })
  })

  describe('slow readers', () => {
    it('are fed from the log: all of it in order, and nobody else waits for them', async () => {
      const room = roomOf(`${LARGE}-${crypto.randomUUID()}`)
      const stalled = await subscribe(room)
      await stalled.untilLive()
      const healthy = await subscribe(room)
      await healthy.untilLive()
      const count = 32 // of 192 KiB each: 6 MiB
      const reading = healthy.events(count)
      const ids: string[] = []
      while (ids.length < count) {
        const published = Array.from({ length: 8 }, () => room.publish({ data: 'x'.repeat(196_608) }))
        ids.push(...(await Promise.all(published)).map(({ id }) => id))
      }
      // The healthy one has it all before the stalled one has read a byte more.
      expect(await reading).toEqual(ids)
      expect(await stalled.events(count)).toEqual(ids)
    })
  })

  describe('close', () => {
    it('gives readers what they lack and the end for good, refuses publishes, and 204 to who has read it all', async () => {
      const room = newRoom()
      const ids = await publishMany(room, 1, 3)
      const attached = await subscribe(room)
      await attached.untilLive()
      await room.close()
      await room.close()
      expect(await attached.all()).toEqual([{ id: '~end', event: 'stream.end', data: '{"reconnect":false}' }])
      await expect(room.publish({ data: 'late' })).rejects.toMatchObject({ code: 'room-closed' })
      const late = await subscribe(room, ids[0])
      expect((await late.all()).map(({ id, event }) => [id, event])).toEqual([
        [ids[1], undefined],
        [ids[2], undefined],
        [ids[2], 'stream.live'],
        ['~end', 'stream.end'],
      ])
      expect((await room.subscribe(request(ids[2]))).status).toBe(204)
      expect(await room.info()).toMatchObject({ state: 'closed', count: 3 })
      expect((await collect(room.read({ from: 'start' }))).map(({ id }) => id)).toEqual(ids)
    })

    it('still knows the key of what was published before', async () => {
      const room = newRoom()
      const { id } = await room.publish({ data: 1 }, { key: 'k' })
      await room.close()
      expect(await room.publish({ data: 1 }, { key: 'k' })).toMatchObject({ id, duplicate: true })
    })

    it('refuses to close what does not exist', async () => {
      await expect(newRoom().close()).rejects.toMatchObject({ code: 'room-not-found' })
    })
  })

  describe('a subject', () => {
    it('has at most 512 characters', async () => {
      const room = newRoom()
      const [longest, longer] = ['é'.repeat(512), 'x'.repeat(513)]
      const refusal = { code: 'invalid-option', field: 'subject' }
      await expect(room.publish({ data: 1 }, { subject: longer, key: 'k' })).rejects.toMatchObject(refusal)
      await expect(room.subscribe(request(), { subject: longer })).rejects.toMatchObject(refusal)
      expect(() => room.read({ subject: longer })).toThrow(expect.objectContaining(refusal))
      const { id } = await room.publish({ data: 1 }, { subject: longest, key: 'k' })
      expect(await (await subscribe(room, '0', { subject: longest })).events(1)).toEqual([id])
    })
  })

  describe('rooms', () => {
    it('come to life with their first event, not by being read', async () => {
      const room = newRoom()
      const reader = await subscribe(room)
      await reader.untilLive()
      await collect(room.read({ live: false }))
      await expect(room.publish({ data: undefined })).rejects.toThrow()
      expect(await room.info()).toBeUndefined()
      const { id } = await room.publish({ data: 1 })
      expect(await room.info()).toEqual({ oldest: id, newest: id, count: 1, subscribers: 1, state: 'open' })
    })

    it('never hear of each other', async () => {
      const suffix = crypto.randomUUID().slice(0, 8)
      const names = ['a', 'a.', 'a_b', 'a-b', 'A', '__proto__', 'constructor', 'a~b'].map((name) =>
        name.startsWith('_') || name === 'constructor' ? name : `${name}${suffix}`,
      )
      const readers = await Promise.all(names.map((name) => subscribe(roomOf(name), undefined, { from: 'live' })))
      await Promise.all(readers.map((reader) => reader.untilLive()))
      for (const name of names) await roomOf(name).publish({ data: name })
      for (const [index, reader] of readers.entries())
        expect((await reader.take(1)).map(({ data }) => data)).toEqual([names[index]])
      for (const reader of readers) expect(reader.complete().filter(({ event }) => event === undefined)).toHaveLength(1)
    })

    it.each(['', '.', '..', 'a/b', 'a b', 'ä', 'x'.repeat(65), 'a\u0000'])('refuses the name %j', (name) => {
      expect(() => roomOf(name)).toThrow(expect.objectContaining({ code: 'invalid-room' }))
    })
  })
}
