/** A store that fails under its object: publishes are refused, readers stay and get everything afterwards (G18). */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { problemResponse } from '../../src/problem.ts'
import { durableRooms } from '../../src/rooms/durable-rooms.ts'
import type { Room } from '../../src/rooms/room.ts'
import { StreamReader } from '../rooms/stream-reader.ts'
import { PATIENT, Traffic } from '../rooms/traffic.ts'

describe('an object whose store fails', () => {
  let name: string
  let room: Room
  let traffic: Traffic
  /** How often the store has failed. */
  let failures = 0

  beforeEach(async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    name = `failing-${crypto.randomUUID()}`
    room = durableRooms(env.ROOMS).get(name)
    traffic = new Traffic(room)
    await traffic.publish('before', 3)
  })
  afterEach(async () => {
    await traffic.leave()
    vi.restoreAllMocks()
  })

  /** Resolves when the store has failed again. */
  const failed = (): Promise<void> => {
    const before = failures
    return vi.waitFor(() => expect(failures).toBeGreaterThan(before), PATIENT)
  }
  /** Breaks a part of the store until what it gives is called. */
  const breakStore = (
    part: 'transactions' | 'reads' | 'inserts of keys' | 'alarms' | 'alarms, later,' | 'looks at ages',
  ): Promise<() => void> =>
    runInDurableObject(env.ROOMS.getByName(name), (_, { storage }) => {
      const { sql } = storage
      const exec = sql.exec.bind(sql)
      const fail = (): never => {
        failures++
        throw new Error('disk I/O error')
      }
      if (part === 'transactions') storage.transactionSync = fail
      else if (part === 'alarms') storage.setAlarm = fail
      else if (part === 'alarms, later,') storage.setAlarm = async () => fail()
      else {
        const hit = { reads: /^SELECT/, 'inserts of keys': /INTO used_key/, 'looks at ages': /^SELECT last, first/ }[
          part
        ]
        sql.exec = ((text: string, ...values: unknown[]) =>
          hit.test(text) ? fail() : exec(text, ...values)) as typeof sql.exec
      }
      return () => {
        for (const key of ['transactionSync', 'setAlarm']) Reflect.deleteProperty(storage, key)
        Reflect.deleteProperty(sql, 'exec')
      }
    })

  it.each(['transactions', 'inserts of keys'] as const)(
    'refuses publishes with 503 and changes nothing when %s fail, and goes on where it was',
    async (part) => {
      await Promise.all([traffic.join(), traffic.join('0')])
      const before = await room.info()
      const repair = await breakStore(part)
      const error = await room.publish({ data: 'lost' }, { key: 'lost' }).catch((error: unknown) => error)
      expect(error).toMatchObject({ code: 'storage-unavailable' })
      expect(problemResponse(error).status).toBe(503)
      expect(await room.info()).toEqual(before)
      repair()
      await traffic.publish('after', 3)
      await traffic.settle()
      expect(traffic.ids.map((id) => Number.parseInt(id, 10))).toEqual([1, 2, 3, 4, 5, 6])
    },
  )

  it('keeps readers that ask while nothing can be read, and feeds them when it can', async () => {
    const behind = await traffic.join('0', { stalled: true })
    await traffic.publish('large', 40, 7_000)
    const repair = await breakStore('reads')
    const joining = traffic.join('0')
    void behind.run()
    await failed()
    repair()
    await joining
    await traffic.publish('after', 3)
    await traffic.settle()
  })

  it('keeps readers that wake it while nothing can be read, and feeds them when it can', async () => {
    const behind = await traffic.join('0', { stalled: true })
    await traffic.publish('large', 40, 7_000)
    await evictDurableObject(env.ROOMS.getByName(name))
    const repair = await breakStore('reads')
    const refused = failed()
    void behind.run()
    await refused
    repair()
    await traffic.publish('after', 3)
    await traffic.settle()
  })

  it('counts nobody who left while nothing could be read', async () => {
    const reader = await traffic.join('0')
    await vi.waitFor(() => expect(reader.position).toBe(traffic.ids.at(-1)), PATIENT)
    await evictDurableObject(env.ROOMS.getByName(name))
    const repair = await breakStore('reads')
    const refused = failed()
    await traffic.leave()
    await refused
    repair()
    await vi.waitFor(async () => expect(await room.info()).toMatchObject({ subscribers: 0 }), PATIENT)
  })

  it('lets an EventSource in that comes while nothing can be read, and tells others to come back', async () => {
    await evictDurableObject(env.ROOMS.getByName(name))
    const repair = await breakStore('reads')
    const request = (accept: string): Request => new Request('http://localhost/', { headers: { accept } })
    expect((await room.subscribe(request('*/*'))).status).toBe(503)
    const response = await room.subscribe(request('text/event-stream'), { from: 'start' })
    expect(response.status).toBe(200)
    repair()
    const reader = new StreamReader(response)
    expect(await reader.idsUntilLive()).toEqual([...traffic.ids, traffic.ids.at(-1)])
    await reader.leave()
  })

  it.each(['alarms', 'alarms, later,', 'looks at ages'] as const)(
    'sends what it has stored when %s fail',
    async (part) => {
      await traffic.leave()
      name = `failing-${crypto.randomUUID()}`
      room = durableRooms(env.ROOMS).get(name)
      traffic = new Traffic(room)
      await traffic.join()
      const repair = await breakStore(part)
      await room.publish({ data: 'first' }, { key: 'first' })
      repair()
      await traffic.publish('after', 3)
      await traffic.settle()
    },
  )

  it('stays open, and keeps its events, when it can neither be closed nor purged', async () => {
    await traffic.join('0')
    const before = await room.info()
    const repair = await breakStore('transactions')
    await expect(room.close()).rejects.toMatchObject({ code: 'storage-unavailable' })
    await expect(room.purge()).rejects.toMatchObject({ code: 'storage-unavailable' })
    expect(await room.info()).toEqual(before)
    repair()
    await traffic.publish('after', 3)
    await traffic.settle()
  })
})
