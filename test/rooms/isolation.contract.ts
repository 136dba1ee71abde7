/**
 * What happens in one room never shows in another, whatever the two are called: every backend runs this. A plain model
 * of what was done in which room says what each of them has to look like after every step.
 */
import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { RoomBackend } from '../../src/rooms/backend.ts'
import { makeRoom } from '../../src/rooms/make-room.ts'
import type { Gap, Room, RoomMessage } from '../../src/rooms/room.ts'
import { FAMILIES, NAMES } from './awkward-names.ts'
import { LIMITS } from './contract.ts'
import { type Read, StreamReader } from './stream-reader.ts'

/** Rooms that nobody has used, with the producers of `producers.ts`. */
export interface FreshRooms {
  backendOf(name: string): RoomBackend
  /** The same, that take only as much as `LIMITS` say. */
  limitedOf(name: string): RoomBackend
  /** Nothing of them is there afterwards. */
  close?(): void | Promise<void>
}

/** One room as it has to be. */
interface Model {
  events: { id: string; event?: string; data: string }[]
  /** Of those, how many were let go. */
  purged: number
  closed: boolean
  runs: Set<string>
  keys: Map<string, string>
  tickets: Set<string>
  /** The most who have read at once. */
  most: number
}

type Act = (room: Room, model: Model, at: Place) => Promise<void>
interface Place {
  /** Says of each event which room it is of. */
  mark: string
  /** Ids that are of other rooms. */
  foreign: string[]
}

const SUBJECT = 'ada'
/** For what comes a moment later. */
const WAIT = { timeout: 5_000, interval: 5 }
/** A failure is short enough after so long; without one it should not take that long. */
const BOUNDS = { interruptAfterTimeLimit: 60_000, markInterruptAsFailure: true }
const seqOf = (id: string): number => Number.parseInt(id, 10)
const request = (lastEventId?: string): Request =>
  new Request('http://localhost/', { headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId } })
const kept = ({ events, purged }: Model): Model['events'] => events.slice(purged)
const ended = { code: 'room-closed' }

/** What may be done in a room; each tells the model, and looks at the answer itself. */
const ACTS: Record<string, Act> = {
  async publish(room, model, { mark }) {
    const data = `${mark} ${model.events.length}`
    if (model.closed) return expect(room.publish({ data })).rejects.toMatchObject(ended)
    model.events.push({ id: (await room.publish({ data }, { subject: SUBJECT })).id, data })
  },
  async batch(room, model, { mark }) {
    const messages = [1, 2].map((n) => ({ event: 'batch', data: `${mark} ${model.events.length} ${n}` }))
    if (model.closed) return expect(room.publishAll(messages)).rejects.toMatchObject(ended)
    const published = await room.publishAll(messages)
    model.events.push(...published.map(({ id }, index) => ({ id, event: 'batch', data: messages[index]?.data ?? '' })))
  },
  /** The same key, subject and message in every room: once in each. */
  async keyed(room, model) {
    const known = model.keys.get('publish')
    const answer = room.publish({ event: 'keyed', data: 'the same' }, { key: 'k', subject: SUBJECT })
    if (known !== undefined) return expect(await answer).toMatchObject({ id: known, duplicate: true })
    if (model.closed) return expect(answer).rejects.toMatchObject(ended)
    const { id, duplicate } = await answer
    expect(duplicate).toBe(false)
    model.keys.set('publish', id)
    model.events.push({ id, event: 'keyed', data: 'the same' })
  },
  /** One key for another message in each room: a conflict nowhere. */
  async keyedApart(room, model, { mark }) {
    const known = model.keys.get('apart')
    const answer = room.publish({ data: mark }, { key: 'apart', subject: SUBJECT })
    if (known !== undefined) return expect(await answer).toMatchObject({ id: known, duplicate: true })
    if (model.closed) return expect(answer).rejects.toMatchObject(ended)
    const { id, duplicate } = await answer
    expect(duplicate).toBe(false)
    model.keys.set('apart', id)
    model.events.push({ id, data: mark })
  },
  async start(room, model) {
    const known = model.keys.get('start')
    const answer = room.start('count', { to: 2 }, { key: 's', subject: SUBJECT, then: 'keep' })
    if (known !== undefined) return expect(await answer).toEqual({ run: known, duplicate: true })
    if (model.closed) return expect(answer).rejects.toMatchObject(ended)
    const { run, duplicate } = await answer
    expect(duplicate).toBe(false)
    model.keys.set('start', run)
    model.runs.add(run)
    await vi.waitFor(async () => expect((await room.info())?.runs?.map(({ state }) => state)).toEqual(['done']))
    const all = await history(room)
    for (const message of all.slice(-2)) {
      if (!('data' in message)) continue
      model.events.push({ id: message.id, event: 'count', data: message.data })
    }
    expect(all.slice(-2)).toMatchObject([{ data: '{"n":1}' }, { data: '{"n":2}' }])
  },
  async purge(room, model) {
    await room.purge()
    model.purged = model.events.length
  },
  async close(room, model) {
    if (model.events.length === 0) return expect(room.close()).rejects.toMatchObject({ code: 'room-not-found' })
    await room.close()
    model.closed = true
  },
  /** The same ticket for every room: whoever makes them makes no two alike, and a room knows only of its own. */
  async ticket(room, model) {
    if (model.closed) return
    const spent = model.tickets.has('t')
    const answer = await room.subscribe(request(), { ticket: { id: 't', expires: Date.now() + 600_000 } })
    expect(answer.status).toBe(spent ? 401 : 200)
    if (spent) return void (await answer.body?.cancel())
    model.tickets.add('t')
    await visit(room, model, new StreamReader(answer))
  },
  /** An id of another room is none of this one. */
  async foreign(room, model, { foreign: [id] }) {
    if (id === undefined) return
    const events = kept(model)
    const [first, ...rest] = await history(room, id)
    expect(first).toEqual({
      id: model.purged === 0 ? '0' : model.events[model.purged - 1]?.id,
      event: 'stream.gap',
      gap: {
        // Below the floor there is nothing to compare with.
        reason: seqOf(id) < model.purged ? 'expired' : 'unknown',
        asked: id,
        oldest: events[0]?.id ?? null,
        newest: model.events.at(-1)?.id ?? null,
      },
    })
    expect(rest).toEqual(events)
    if (model.closed) return
    const reader = new StreamReader(await room.subscribe(request(id)))
    const gap = await visit(room, model, reader)
    expect(gap[0]).toMatchObject({ event: 'stream.gap' })
    expect(published(gap)).toEqual(events)
  },
  /** From the beginning, with who else reads it. */
  async read(room, model) {
    if (model.closed) return
    const reader = new StreamReader(await room.subscribe(request('0')))
    expect(published(await visit(room, model, reader))).toEqual(kept(model))
  },
}

async function history(room: Room, after?: string): Promise<(RoomMessage | Gap)[]> {
  const all: (RoomMessage | Gap)[] = []
  for await (const message of room.read({ after, live: false })) all.push(message)
  return all
}

const published = (messages: Read[]): Read[] =>
  messages.filter(({ id, event }) => id !== undefined && !event?.startsWith('stream.'))

/** Reads until it is live, is counted, and leaves. */
async function visit(room: Room, model: Model, reader: StreamReader): Promise<Read[]> {
  const read = await reader.untilLive()
  model.most = 2
  if (model.events.length > 0) expect(await room.info()).toMatchObject({ subscribers: 2 })
  await reader.leave()
  if (model.events.length > 0) await expectLike(room, model)
  return read
}

/** Who has left may be counted a moment longer. */
async function expectLike(room: Room, model: Model): Promise<void> {
  const { events, closed, runs } = model
  if (events.length === 0) return expect(await room.info()).toBeUndefined()
  await vi.waitFor(async () => {
    const { runs: found = [], ...info } = (await room.info()) ?? {}
    expect({ ...info, runs: found.map(({ run }) => run) }).toEqual({
      oldest: kept(model)[0]?.id ?? null,
      newest: events.at(-1)?.id,
      count: kept(model).length,
      subscribers: closed ? 0 : 1,
      state: closed ? 'closed' : 'open',
      runs: [...runs],
    })
  }, WAIT)
}

/** Whose rooms have heard of it, or will not: what they are kept in may go. */
async function leaveAll(readers: StreamReader[], rooms: Room[]): Promise<void> {
  await Promise.all(readers.map((reader) => reader.leave()))
  const left = async (room: Room): Promise<void> => expect((await room.info())?.subscribers ?? 0).toBe(0)
  for (const room of rooms) await vi.waitFor(() => left(room), WAIT).catch(() => {})
}

/** Two to five rooms, mostly of names that are alike. */
const someNames = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(...FAMILIES)
      .chain((family) => fc.shuffledSubarray([...family], { minLength: 2, maxLength: 5 })),
  },
  { weight: 1, arbitrary: fc.shuffledSubarray([...NAMES], { minLength: 2, maxLength: 5 }) },
)
const steps = fc.array(fc.tuple(fc.constantFrom(...Object.keys(ACTS)), fc.nat(4), fc.nat(4)), {
  minLength: 5,
  maxLength: 30,
})

export function isolationContract(fresh: () => FreshRooms, runs: number): void {
  describe('what happens in a room', () => {
    it('never shows in another', { timeout: 120_000 }, async () => {
      const property = fc.asyncProperty(someNames, steps, async (names, drawn) => {
        const rooms = fresh()
        const readers: StreamReader[] = []
        const all = names.map((name) => makeRoom(name, rooms.backendOf(name)))
        try {
          const models = names.map(
            (): Model => ({
              events: [],
              purged: 0,
              closed: false,
              runs: new Set(),
              keys: new Map(),
              tickets: new Set(),
              most: 1,
            }),
          )
          for (const room of all) readers.push(new StreamReader(await room.subscribe(request())))
          await Promise.all(readers.map((reader) => reader.untilLive()))
          for (const [act, at, other] of drawn) {
            const index = at % names.length
            const from = models[other % names.length] as Model
            const foreign = other % names.length === index ? [] : from.events.slice(-1).map(({ id }) => id)
            const place = { mark: names[index] as string, foreign }
            await ACTS[act]?.(all[index] as Room, models[index] as Model, place)
            for (const [n, room] of all.entries()) await expectLike(room, models[n] as Model)
          }
          for (const [n, room] of all.entries()) {
            const model = models[n] as Model
            expect(await history(room)).toEqual(kept(model))
            if (model.events.length === 0) continue
            const reader = readers[n] as StreamReader
            const last = model.closed ? '~end' : model.events.at(-1)?.id
            await reader.until(({ id }) => id === last)
            const read = reader.complete()
            expect(published(read).filter(({ id }) => id !== '~end')).toEqual(model.events)
            const counts = read.filter(({ event }) => event === 'stream.presence').map(({ data }) => JSON.parse(data))
            for (const { subscribers } of counts) expect(subscribers).toBeLessThanOrEqual(model.most)
          }
        } finally {
          await leaveAll(readers, all)
          await rooms.close?.()
        }
      })
      await fc.assert(property, { numRuns: runs, ...BOUNDS })
    })

    it('takes nothing of what another may have', { timeout: 120_000 }, async () => {
      vi.useFakeTimers({ toFake: ['Date', 'performance'] })
      onTestFinished(() => void vi.useRealTimers())
      const batch = (count: number): { data: number }[] => Array.from({ length: count }, (_, data) => ({ data }))
      const { readers: most, publishes, publishesPerSubject } = LIMITS
      const [sum, each] = [publishes?.burst ?? 0, publishesPerSubject?.burst ?? 0]
      const property = fc.asyncProperty(someNames, async (names) => {
        const rooms = fresh()
        const readers: StreamReader[] = []
        const all = names.map((name) => makeRoom(name, rooms.limitedOf(name)))
        try {
          // Each has its own, whatever the ones before it have used up.
          for (const room of all) {
            for (let n = 0; n < (most ?? 0); n++) readers.push(new StreamReader(await room.subscribe(request())))
            const tooMany = await room.subscribe(request())
            expect(tooMany.status).toBe(429)
            await tooMany.body?.cancel()
            expect(await room.publishAll(batch(each), { subject: SUBJECT })).toHaveLength(each)
            await expect(room.publish({ data: 1 }, { subject: SUBJECT })).rejects.toMatchObject({
              code: 'rate-limited',
            })
            expect(await room.publishAll(batch(sum - each))).toHaveLength(sum - each)
            await expect(room.publish({ data: 1 })).rejects.toMatchObject({ code: 'rate-limited' })
            expect(await room.info()).toMatchObject({ count: sum, subscribers: most })
          }
        } finally {
          await leaveAll(readers, all)
          await rooms.close?.()
        }
      })
      await fc.assert(property, { numRuns: Math.ceil(runs / 3), ...BOUNDS })
    })

    it('is its own under every one of the names at once', { timeout: 60_000 }, async () => {
      const rooms = fresh()
      onTestFinished(() => rooms.close?.())
      const all = NAMES.map((name) => makeRoom(name, rooms.backendOf(name)))
      const ids: string[] = []
      for (const { name, publish } of all) ids.push((await publish({ data: name }, { key: 'k', subject: SUBJECT })).id)
      expect(new Set(NAMES).size).toBe(NAMES.length)
      for (const [n, room] of all.entries()) {
        expect(await history(room)).toEqual([{ id: ids[n], data: room.name }])
        expect(await room.info()).toEqual({ oldest: ids[n], newest: ids[n], count: 1, subscribers: 0, state: 'open' })
        const [gap] = await history(room, ids[(n + 1) % ids.length])
        expect(gap).toMatchObject({ event: 'stream.gap', gap: { reason: 'unknown' } })
      }
    })
  })
}
