/** A store that fails (G18): publishes are refused and nobody sees them, readers stay, and all of it comes in the end. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Published } from '../../src/rooms/room.ts'
import { EventReader, seqOf } from '../e2e/event-reader.ts'
import { exchange, type RawResponse, request } from '../e2e/raw-socket.ts'
import { as, expectRefusal, toLogEntry } from '../e2e/refusal.ts'
import {
  history,
  info,
  inParallel,
  type PublishedBatch,
  publish,
  publishAll,
  publishBatch,
  range,
} from '../e2e/room-client.ts'
import { type FailingServer, type Fault, launchFailing, REASON, SMALL } from './failing-storage.ts'

const unavailable = as(503, 'storage-unavailable')

let server: FailingServer
beforeAll(async () => {
  server = await launchFailing()
})
afterAll(() => server.close())

const open = async (room: string, query = '?from=start', lastEventId?: string): Promise<EventReader> =>
  EventReader.open(
    server.port,
    `/rooms/${room}/events${query}`,
    lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId },
  )

/** A publish as it is sent: one event, or a batch. */
const post = (room: string, messages: string[], key?: string): Promise<RawResponse> => {
  const type = messages.length === 1 ? 'application/json' : 'application/x-ndjson'
  const headers = { 'Content-Type': type, ...(key === undefined ? {} : { 'Idempotency-Key': key }) }
  const body = messages.map((data) => JSON.stringify({ data })).join('\n')
  return exchange(server.port, request('POST', `/rooms/${room}/events`, headers, body))
}

/** It was published: gives the ids and whether it was before. */
function expectPublished(response: RawResponse): { ids: string[]; duplicate: boolean } {
  expect({ status: response.status, body: String(response.body) }).toMatchObject({ status: 201 })
  const { duplicate, ...answer } = JSON.parse(String(response.body)) as Published & PublishedBatch
  return { ids: answer.ids ?? [answer.id], duplicate }
}

/** It was refused because of the store, and whoever is refused can try again soon. */
function expectUnavailable(response: RawResponse): void {
  expectRefusal(response, unavailable)
  expect(response.headers.get('retry-after')).toBe('1')
  expect(String(response.body)).not.toContain(REASON)
}

describe('a publish that cannot be stored', () => {
  const ways: [what: string, fault: Fault][] = [
    ['no transaction begins', { match: '^BEGIN' }],
    ['no event can be written', { match: '^INSERT INTO frame' }],
    ['the event can be written and its key cannot', { match: '^INSERT OR REPLACE INTO used_key' }],
    ['all can be written and not be committed', { match: '^COMMIT' }],
  ]
  const messages = [
    { what: 'one event', data: ['one'] },
    { what: 'a batch', data: ['a', 'b', 'c'] },
  ]

  describe.each(messages)('row 62: $what', ({ what, data }) => {
    it.each(ways)('where %s, is 503, changes nothing, and comes once when it is sent again', async (way, fault) => {
      const room = `row-62-${what}-${way}`.replaceAll(/\W+/g, '-')
      const [stood] = await publishAll(server.url, room, 1)
      const reader = await open(room)
      await reader.untilLive()
      await server.fail(room, fault)
      for (let attempt = 0; attempt < 3; attempt++) expectUnavailable(await post(room, data, 'key'))
      expect(await info(server.url, room)).toMatchObject({ newest: stood, count: 1, subscribers: 1 })
      expect((await history(server.url, room)).map(({ id }) => id)).toEqual([stood])
      expect((await server.mend(room)).struck).toBe(3)

      const { ids, duplicate } = expectPublished(await post(room, data, 'key'))
      expect({ duplicate, seqs: ids.map(seqOf) }).toEqual({ duplicate: false, seqs: range(2, data.length + 1) })
      expect(expectPublished(await post(room, data, 'key'))).toEqual({ ids, duplicate: true })
      await reader.untilId((await publish(server.url, room, 'after')).id)
      // The reader never left, and nothing of the three attempts reached it.
      expect(reader.published.map(({ data }) => data)).toEqual(['1', ...data, 'after'])
      expect(reader.ids.slice(1, -1)).toEqual(ids)
      expect(reader.named('stream.gap')).toEqual([])
      expect((await server.mend(room)).joins).toBe(1)
      reader.cut('fin')
    })
  })

  it('makes no room, and one when it is sent again', async () => {
    const room = 'never-was'
    const reader = await open(room)
    await reader.untilLive()
    await server.fail(room, { match: '^COMMIT' })
    expectUnavailable(await post(room, ['first'], 'key'))
    expectUnavailable(await post(room, ['first']))
    expect(await info(server.url, room)).toBeUndefined()
    await server.mend(room)
    const { ids } = expectPublished(await post(room, ['first'], 'key'))
    expect(ids.map(seqOf)).toEqual([1])
    await reader.untilId(ids[0] as string)
    expect(reader.ids).toEqual(ids)
    reader.cut('fin')
  })

  it('is no matter for other rooms', async () => {
    const [broken, healthy] = ['broken', 'healthy']
    const reader = await open(healthy)
    await reader.untilLive()
    await server.fail(broken)
    const ids = await inParallel(range(1, 40), 8, async (n) => {
      expectUnavailable(await post(broken, [`${n}`]))
      return (await publish(server.url, healthy, n)).id
    })
    const last = ids.toSorted((a, b) => seqOf(a) - seqOf(b)).at(-1) as string
    await reader.untilId(last)
    expect(reader.ids.map(seqOf)).toEqual(range(1, 40))
    await server.mend(broken)
    reader.cut('fin')
  })

  it('is one line in the log each time, and the reason is for the log alone', async () => {
    const room = 'logged'
    await server.fail(room)
    const entry = `503 storage-unavailable /rooms/${room}/events`
    const entries = (): string[] => server.logs.map(toLogEntry).filter((line) => line === entry)
    for (const count of [1, 2, 3]) {
      expectUnavailable(await post(room, [`${count}`]))
      await expect.poll(entries, { interval: 2, timeout: 10_000 }).toHaveLength(count)
    }
    expect(server.logs.some((line) => line.includes(REASON))).toBe(true)
    await server.mend(room)
  })
})

/** Every statement of a publish fails once, or from then on: whatever it was, all comes right when it works again. */
describe('a statement that fails', () => {
  /** Rooms in which a publish does different things. */
  const rooms = [
    { kind: 'a new room', name: 'new', before: 0 },
    { kind: 'a room with a past', name: 'past', before: 3 },
    { kind: 'a room that lets go of its oldest', name: SMALL, before: 2 },
  ]
  const durations = [
    { duration: 'once', times: 1 },
    { duration: 'until it is mended', times: 1_000_000 },
  ]
  const keys = [
    { name: 'with a key', key: 'key' },
    { name: 'without a key', key: undefined },
  ]

  describe.each(rooms)('in $kind', ({ name, before }) => {
    describe.each(keys)('publishing $name', ({ key }) => {
      it.each(durations)('$duration, loses and repeats nothing for anybody', async ({ times }) => {
        let skip = 0
        for (let struck = 1; struck > 0; skip++) {
          const room = `${name}-${key}-${times}-${skip}`
          await publishAll(server.url, room, before)
          const reader = await open(room)
          await reader.untilLive()
          await server.fail(room, { skip, times })
          const answer = await post(room, ['in doubt'], key)
          if (answer.status !== 201) expectUnavailable(answer)
          struck = (await server.mend(room)).struck
          const again = key === undefined ? undefined : expectPublished(await post(room, ['in doubt'], key))
          const { id: last } = await publish(server.url, room, 'after')
          await reader.untilId(last)

          const log = await history(server.url, room)
          const copies = log.filter(({ data }) => data === 'in doubt').length
          const at = { skip, status: answer.status }
          if (key !== undefined || answer.status === 201) expect({ ...at, times: copies }).toEqual({ ...at, times: 1 })
          else expect(copies).toBeLessThan(2)
          if (again) expect(log.some(({ id }) => id === again.ids[0])).toBe(true)
          expect({ ...at, seqs: reader.ids.map(seqOf) }).toEqual({ ...at, seqs: range(1, seqOf(last)) })
          const tail = log.map(({ id }) => id)
          expect({ ...at, ids: reader.ids.slice(-tail.length) }).toEqual({ ...at, ids: tail })
          reader.cut('fin')
        }
        expect(skip).toBeGreaterThan(3) // A transaction is at least that many.
      })
    })
  })
})

describe('a page that cannot be read', () => {
  /** Ten pages in three frames. */
  const fillPages = async (room: string): Promise<string[]> => {
    const messages = range(1, 40).map((n) => ({ data: `${n} `.repeat(6_000) }))
    return (await publishBatch(server.url, room, messages)).ids
  }

  it('at any time in a replay: the reader comes back by itself, and gets all of it once', async () => {
    let skip = 0
    for (let struck = 1; struck > 0; skip += 2) {
      const room = `replay-${skip}`
      const ids = await fillPages(room)
      await server.fail(room, { match: '^SELECT', skip, times: 1 })
      const reader = await open(room)
      await reader.untilLive()
      const mended = await server.mend(room)
      struck = mended.struck
      expect({ skip, joins: mended.joins }).toEqual({ skip, joins: 1 + struck })
      ids.push((await publish(server.url, room, 'live')).id)
      await reader.untilId(ids.at(-1) as string)
      expect({ skip, ids: reader.ids, gaps: reader.named('stream.gap') }).toEqual({ skip, ids, gaps: [] })
      expect(reader.named('stream.live')).toHaveLength(1)
      reader.cut('fin')
    }
    expect(skip).toBeGreaterThan(10) // As many as there are pages.
  })

  it('for a while: readers that are live go on, who comes waits and gets everything', async () => {
    const room = 'unreadable'
    const ids = await fillPages(room)
    const live = await open(room, '')
    await live.untilLive()
    await server.fail(room, { match: '^SELECT' })
    const coming = await Promise.all([open(room), open(room, '', ids[10]), open(room, '', ids.at(-1))])
    // Writing works, and those who are live need nothing to be read.
    ids.push(...(await publishAll(server.url, room, 3)))
    await live.untilId(ids.at(-1) as string)
    expect(live.ids).toEqual(ids.slice(-3))
    const asked = await exchange(
      server.port,
      request('GET', `/rooms/${room}/events`, { Accept: 'application/x-ndjson' }),
    )
    expectUnavailable(asked)
    expectUnavailable(await exchange(server.port, request('GET', `/rooms/${room}`)))
    for (const reader of coming) expect({ ids: reader.ids, ended: reader.ended }).toEqual({ ids: [], ended: undefined })

    await server.mend(room)
    ids.push((await publish(server.url, room, 'readable')).id)
    for (const [index, reader] of coming.entries()) {
      await reader.untilId(ids.at(-1) as string)
      await reader.untilLive()
      expect(reader.ids).toEqual(ids.slice([0, 11, 40][index]))
      expect(reader.named('stream.gap')).toEqual([])
      expect(reader.named('stream.live')).toHaveLength(1)
      reader.cut('fin')
    }
    await live.untilId(ids.at(-1) as string)
    expect(live.ids).toEqual(ids.slice(-4))
    live.cut('fin')
  })
})

describe('a room whose log cannot be opened', () => {
  it('refuses who can read a refusal, and lets EventSource in, which gets everything in the end', async () => {
    const room = 'unopened'
    await server.fail(room)
    expectUnavailable(await post(room, ['lost'], 'key'))
    const strict = { Accept: 'text/event-stream, application/problem+json' }
    expectUnavailable(await exchange(server.port, request('GET', `/rooms/${room}/events`, strict)))
    const native = await EventReader.open(server.port, `/rooms/${room}/events?from=start`, {
      Accept: 'text/event-stream',
    })
    expect(native.head.status).toBe(200)
    await server.mend(room)
    const ids = await publishAll(server.url, room, 3)
    await native.untilId(ids.at(-1) as string)
    expect(native.ids).toEqual(ids)
    expect(native.named('stream.gap')).toEqual([])
    native.cut('fin')
  })
})
