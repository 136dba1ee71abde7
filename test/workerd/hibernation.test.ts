/** What happens to readers when their room's object goes to sleep, is restarted, or loses its log. */
import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { EventResponseStream } from '../../src/event-response-stream.ts'
import { durableRooms } from '../../src/rooms/durable-rooms.ts'
import type { Ticket } from '../../src/rooms/ticket.ts'
import { StreamReader } from '../rooms/stream-reader.ts'

const rooms = durableRooms(env.ROOMS)
const open: StreamReader[] = []
const newName = (): string => `sleeper-${crypto.randomUUID()}`
const subscribe = async (name: string, lastEventId = ''): Promise<StreamReader> => {
  const request = new Request('http://localhost/', { headers: { 'last-event-id': lastEventId } })
  const reader = new StreamReader(await rooms.get(name).subscribe(request))
  open.push(reader)
  return reader
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((reader) => reader.leave()))
})

describe('a room that sleeps', () => {
  it('wakes for the next publish and reaches all 50 readers that were attached', async () => {
    const name = newName()
    await rooms.get(name).publish({ data: 'before' })
    const readers = await Promise.all(Array.from({ length: 50 }, () => subscribe(name)))
    await Promise.all(readers.map((reader) => reader.untilLive()))
    let born = 0
    await runInDurableObject(env.ROOMS.getByName(name), (instance) => {
      Object.assign(instance, { marked: true })
    })
    await evictDurableObject(env.ROOMS.getByName(name), { webSockets: 'hibernate' })
    await runInDurableObject(env.ROOMS.getByName(name), (instance) => {
      if (!('marked' in instance)) born++
    })
    expect(born).toBe(1) // It really was another one.
    await evictDurableObject(env.ROOMS.getByName(name), { webSockets: 'hibernate' })
    const { id } = await rooms.get(name).publish({ data: 'after' })
    for (const reader of readers) expect(await reader.events(1)).toEqual([id])
    expect(await rooms.get(name).info()).toMatchObject({ subscribers: 50 })
  })

  it('is resumed exactly through many sleeps', async () => {
    const name = newName()
    const reader = await subscribe(name)
    await reader.untilLive()
    const ids: string[] = []
    for (let n = 0; n < 10; n++) {
      ids.push((await rooms.get(name).publish({ data: n })).id)
      await evictDurableObject(env.ROOMS.getByName(name))
    }
    expect(await reader.events(10)).toEqual(ids)
    expect((await reader.take(0)).length).toBe(0)
  })

  it('hears that a reader left while it slept', async () => {
    const name = newName()
    await rooms.get(name).publish({ data: 1 })
    const [one, two] = [await subscribe(name), await subscribe(name)]
    await one.untilLive()
    await two.untilLive()
    await evictDurableObject(env.ROOMS.getByName(name))
    await one.leave()
    await vi.waitFor(async () => expect(await rooms.get(name).info()).toMatchObject({ subscribers: 1 }))
  })
})

describe('a room whose object is restarted', () => {
  it('is found again by its readers, whose streams stay open and miss nothing', async () => {
    const name = newName()
    const reader = await subscribe(name)
    await reader.untilLive()
    const ids = [(await rooms.get(name).publish({ data: 'before' })).id]
    expect(await reader.events(1)).toEqual(ids)
    await abortAllDurableObjects()
    ids.push((await rooms.get(name).publish({ data: 'while away' })).id)
    ids.push((await rooms.get(name).publish({ data: 'after' })).id)
    expect(await reader.events(2)).toEqual(ids.slice(1))
    expect(reader.complete().filter(({ event }) => event === 'stream.live')).toHaveLength(1)
  })
})

describe('a log that was lost', () => {
  it('never takes a cursor of the old one, also after it has grown past it', async () => {
    const name = newName()
    const old: string[] = []
    for (let n = 0; n < 5; n++) old.push((await rooms.get(name).publish({ data: `old ${n}` })).id)
    const attached = await subscribe(name, old[0])
    await attached.untilLive()
    await runInDurableObject(env.ROOMS.getByName(name), async (_, { storage }) => {
      await storage.deleteAll()
    })
    await abortAllDurableObjects()
    const fresh: string[] = []
    for (let n = 0; n < 8; n++) fresh.push((await rooms.get(name).publish({ data: `new ${n}` })).id)
    for (const id of old) {
      const messages = await (await subscribe(name, id)).untilLive()
      expect(messages[0]).toMatchObject({ event: 'stream.gap', id: '0' })
      expect(JSON.parse(messages[0]?.data ?? '')).toMatchObject({ reason: 'unknown', asked: id })
      expect(messages.flatMap(({ event, id }) => (event === undefined ? [id] : []))).toEqual(fresh)
    }
    // A reader that was attached all the while is told too.
    const after = await attached.until(({ id }) => id === fresh.at(-1))
    expect(after.find(({ event }) => event === 'stream.gap')?.data).toContain('"reason":"unknown"')
    expect(after.flatMap(({ event, id }) => (event === undefined ? [id] : []))).toEqual(fresh)
  })
})

describe('a log that was put back to an older copy', () => {
  it('resumes what the copy holds, and says a gap for every id that came after it, also once it has grown past them', async () => {
    const name = newName()
    const publish = async (from: number, to: number): Promise<string[]> => {
      const ids: string[] = []
      for (let n = from; n <= to; n++) ids.push((await rooms.get(name).publish({ data: n })).id)
      return ids
    }
    const kept = await publish(1, 5)
    const tables = ['head', 'frame', 'used_key']
    const copy = await runInDurableObject(env.ROOMS.getByName(name), (_, { storage }) =>
      tables.map((table) => storage.sql.exec(`SELECT * FROM ${table}`).toArray()),
    )
    const lost = await publish(6, 8)
    const attached = await subscribe(name, kept[0])
    await attached.untilLive()
    await runInDurableObject(env.ROOMS.getByName(name), (_, { storage }) => {
      for (const [index, table] of tables.entries()) {
        storage.sql.exec(`DELETE FROM ${table}`)
        for (const row of copy[index] ?? []) {
          const values = Object.values(row)
          storage.sql.exec(`INSERT INTO ${table} VALUES (${values.map(() => '?').join(', ')})`, ...values)
        }
      }
    })
    await abortAllDurableObjects()
    const fresh = await publish(6, 12)
    for (const [index, id] of kept.entries())
      expect(await (await subscribe(name, id)).idsUntilLive()).toEqual([
        ...kept.slice(index + 1),
        ...fresh,
        fresh.at(-1),
      ])
    for (const id of lost) {
      const [gap, ...rest] = (await (await subscribe(name, id)).untilLive()).filter(
        ({ event }) => event !== 'stream.presence',
      )
      expect(JSON.parse(gap?.data ?? '')).toMatchObject({ reason: 'unknown', asked: id, oldest: kept[0] })
      expect(rest.map(({ id }) => id)).toEqual([...kept, ...fresh, fresh.at(-1)])
    }
    const after = await attached.until(({ id }) => id === fresh.at(-1))
    expect(after.find(({ event }) => event === 'stream.gap')?.data).toContain(`"asked":"${lost.at(-1)}"`)
    expect(after.flatMap(({ event, id }) => (event === undefined ? [id] : []))).toEqual([...kept, ...fresh])
  })
})

describe('an absent room', () => {
  it('has no row and no table however it is read', async () => {
    const name = newName()
    const reader = await subscribe(name)
    await reader.untilLive()
    await rooms.get(name).info()
    for await (const _ of rooms.get(name).read({ live: false })) throw new Error('nothing was published')
    await runInDurableObject(env.ROOMS.getByName(name), (_, { storage }) => {
      const tables = storage.sql
        .exec(`SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'`)
        .toArray()
      expect(tables).toEqual([])
    })
  })
})

describe('a ticket', () => {
  const ask = (name: string, ticket: Ticket): Promise<Response> =>
    rooms.get(name).subscribe(new Request('http://localhost/'), { ticket })
  const rowsOf = (name: string): Promise<unknown> =>
    runInDurableObject(env.ROOMS.getByName(name), async (_, { storage }) => {
      const made = storage.sql.exec(`SELECT name FROM sqlite_master WHERE name IN ('head', 'spent_ticket')`).toArray()
      const rows = storage.sql.exec('SELECT count(*) AS rows FROM spent_ticket').one()
      return { made: made.map(({ name }) => name), ...rows, alarm: await storage.getAlarm() }
    })

  it('is used up also when its room has slept or was restarted since', async () => {
    const name = newName()
    const ticket = { id: crypto.randomUUID(), expires: Date.now() + 30_000 }
    const reader = new StreamReader(await ask(name, ticket))
    open.push(reader)
    await reader.untilLive()
    await evictDurableObject(env.ROOMS.getByName(name), { webSockets: 'hibernate' })
    expect((await ask(name, ticket)).status).toBe(401)
    await abortAllDurableObjects()
    expect((await ask(name, ticket)).status).toBe(401)
    const { id } = await rooms.get(name).publish({ data: 1 })
    expect(await reader.events(1)).toEqual([id]) // Who was let in comes back without one.
  })

  it('leaves nothing in an absent room once it has expired: the alarm takes it away', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    try {
      const name = newName()
      const now = Date.now()
      for (const lasts of [60_000, 90_000]) {
        const reader = new StreamReader(await ask(name, { id: crypto.randomUUID(), expires: now + lasts }))
        await reader.untilLive()
        await reader.leave()
      }
      expect(await rowsOf(name)).toEqual({ made: ['spent_ticket'], rows: 2, alarm: now + 60_000 })
      vi.advanceTimersByTime(60_000)
      await evictDurableObject(env.ROOMS.getByName(name))
      expect(await runDurableObjectAlarm(env.ROOMS.getByName(name))).toBe(true)
      expect(await rowsOf(name)).toEqual({ made: ['spent_ticket'], rows: 1, alarm: now + 90_000 })
      vi.advanceTimersByTime(30_000)
      expect(await runDurableObjectAlarm(env.ROOMS.getByName(name))).toBe(true)
      expect(await rowsOf(name)).toEqual({ made: ['spent_ticket'], rows: 0, alarm: null })
      expect(await rooms.get(name).info()).toBeUndefined()
    } finally {
      vi.useRealTimers()
    }
  })

  it('is taken away in time also where its room comes to life, which then looks again when that is due', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    try {
      const name = newName()
      const now = Date.now()
      open.push(new StreamReader(await ask(name, { id: crypto.randomUUID(), expires: now + 60_000 })))
      await rooms.get(name).publish({ data: 1 })
      expect(await rowsOf(name)).toMatchObject({ rows: 1, alarm: now + 60_000 })
      vi.advanceTimersByTime(60_000)
      await runDurableObjectAlarm(env.ROOMS.getByName(name))
      expect(await rowsOf(name)).toMatchObject({ rows: 0, alarm: now + 1.1 * 86_400_000 })
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('a reader that stalls', () => {
  it('costs the Worker at most its budget and one page', async () => {
    const held: number[] = []
    const enqueue = vi.spyOn(EventResponseStream.prototype, 'enqueue')
    enqueue.mockImplementation(function (this: EventResponseStream, bytes) {
      Object.getPrototypeOf(EventResponseStream.prototype).enqueue.call(this, bytes)
      held.push(this.queued)
    })
    const name = newName()
    const reader = await subscribe(name)
    await reader.untilLive()
    const ids: string[] = []
    for (let n = 0; n < 900; n += 30) {
      const published = Array.from({ length: 30 }, () => rooms.get(name).publish({ data: 'x'.repeat(7_000) }))
      ids.push(...(await Promise.all(published)).map(({ id }) => id))
    }
    const [budget, page] = [65_536, 65_536]
    expect(Math.max(...held)).toBeGreaterThan(budget / 2) // It did hold something.
    expect(Math.max(...held)).toBeLessThanOrEqual(budget + page)
    expect(await reader.events(900)).toEqual(ids)
    expect(Math.max(...held)).toBeLessThanOrEqual(budget + page)
    enqueue.mockRestore()
  })
})
