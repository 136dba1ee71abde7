/** What a class that extends RoomObject may do, and what an object makes of who does not speak its protocol. */

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { UNKNOWN_PROTOCOL } from '../../src/rooms/bridge.ts'
import { durableRooms } from '../../src/rooms/durable-rooms.ts'
import { StreamReader } from '../rooms/stream-reader.ts'

const rooms = durableRooms(env.HOOKED_ROOMS)
const newName = (): string => `hooked-${crypto.randomUUID()}`
const calls = (name: string): Promise<string[]> =>
  runInDurableObject(env.HOOKED_ROOMS.getByName(name), (room) => [...room.calls])

describe('onPublish', () => {
  it('lets a message pass, refuses it, or puts another in its place', async () => {
    const name = newName()
    const room = rooms.get(name)
    await room.publish({ data: 'as it is' }, { subject: 'ada' })
    await room.publish({ event: 'shout', data: 'hello' })
    await expect(room.publish({ data: 'spam' })).rejects.toMatchObject({ code: 'forbidden' })
    const all = await Array.fromAsync(room.read({ live: false }))
    expect(all).toMatchObject([{ data: 'as it is' }, { event: 'shout', data: 'HELLO' }])
    expect(await calls(name)).toEqual(['publish ada', 'publish ', 'publish '])
  })

  it('is not asked again for a key that was used', async () => {
    const name = newName()
    await rooms.get(name).publish({ data: 1 }, { key: 'k' })
    await rooms.get(name).publish({ data: 1 }, { key: 'k' })
    expect(await calls(name)).toEqual(['publish '])
  })

  it('fails for good when it throws, and is not tried again', async () => {
    const name = newName()
    await expect(rooms.get(name).publish({ data: 'crash' }, { key: 'k' })).rejects.toMatchObject({
      code: 'internal-error',
    })
    expect(await calls(name)).toEqual(['publish '])
    expect(await rooms.get(name).info()).toBeUndefined()
  })

  it('fails for good, and is not tried again, when it answers with what is no message', async () => {
    for (const data of ['null', 'nothing']) {
      const name = newName()
      await expect(rooms.get(name).publish({ event: 'odd', data }, { key: 'k' })).rejects.toMatchObject(
        data === 'null' ? { code: 'invalid-message' } : { code: 'internal-error' },
      )
      expect(await calls(name)).toEqual(['publish '])
    }
  })

  it('refuses one message of a batch, and says which', async () => {
    const refused = rooms.get(newName()).publishAll([{ data: 'a' }, { data: 'spam' }])
    await expect(refused).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining('(message 2)') })
  })

  it('fails for good when it changes what it was given: only its answer is looked at', async () => {
    const room = rooms.get(newName())
    await expect(room.publish({ event: 'change', data: 1 })).rejects.toMatchObject({ code: 'internal-error' })
    expect(await room.info()).toBeUndefined()
  })

  it('may not put a message in place that nobody could publish', async () => {
    await expect(rooms.get(newName()).publish({ event: 'forge', data: 1 })).rejects.toMatchObject({
      code: 'reserved-event-name',
    })
  })
})

describe('onJoin and onLeave', () => {
  it('hear who came and who left, and what they throw hurts nobody', async () => {
    const name = newName()
    const response = await rooms.get(name).subscribe(new Request('http://localhost/'), { subject: 'ada' })
    const reader = new StreamReader(response)
    await reader.untilLive()
    await reader.leave()
    await vi.waitFor(async () => expect(await calls(name)).toEqual(['join ada', 'leave ada']))
  })
})

describe('the object', () => {
  const connect = (name: string, protocol: string, query = 'position=-+live'): Promise<Response> =>
    env.ROOMS.getByName(name).fetch(`https://room/?${query}`, {
      headers: { upgrade: 'websocket', 'sec-websocket-protocol': protocol },
    })
  const closeCode = (response: Response): Promise<number> =>
    new Promise((resolve) => {
      response.webSocket?.addEventListener('close', ({ code }) => resolve(code))
      response.webSocket?.accept()
    })

  it('closes with 4400 on a protocol or a position it does not know', async () => {
    expect(await closeCode(await connect(newName(), 'edge-sse.2'))).toBe(UNKNOWN_PROTOCOL)
    expect(await closeCode(await connect(newName(), 'edge-sse.1', 'position=later'))).toBe(UNKNOWN_PROTOCOL)
  })

  it('closes on a command it does not know', async () => {
    const response = await connect(newName(), 'edge-sse.1')
    const closed = closeCode(response)
    response.webSocket?.send('x 1')
    expect(await closed).toBe(UNKNOWN_PROTOCOL)
  })

  it('sends a reader away to come back when the protocol broke under it', async () => {
    const name = newName()
    const reader = new StreamReader(await durableRooms(env.ROOMS).get(name).subscribe(new Request('http://localhost/')))
    await reader.untilLive()
    await runInDurableObject(env.ROOMS.getByName(name), (_, state) => {
      for (const socket of state.getWebSockets()) socket.close(UNKNOWN_PROTOCOL, 'unknown protocol')
    })
    expect(await reader.all()).toEqual([{ event: 'stream.end', data: '{"reconnect":true}' }])
  })
})

describe('a room that is emptied', () => {
  const HOUR = 3_600_000
  const rows = (name: string): Promise<Record<string, unknown>> =>
    runInDurableObject(env.ROOMS.getByName(name), (_, { storage }) =>
      Object.fromEntries(
        ['head', 'frame', 'used_key', 'run'].map((table) => [
          table,
          storage.sql.exec(`SELECT count(*) AS n FROM ${table}`).one().n,
        ]),
      ),
    )
  const alarmOf = (name: string): Promise<number | null> =>
    runInDurableObject(env.ROOMS.getByName(name), (_, { storage }) => storage.getAlarm())

  afterEach(() => void vi.useRealTimers())

  it('has one alarm from its first event on, keeps one row, and then none and no alarm', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const name = newName()
    const room = durableRooms(env.ROOMS).get(name)
    const begin = Date.now()
    await room.publish({ data: 1 }, { key: 'k' })
    expect(await alarmOf(name)).toBe(begin + 26.4 * HOUR)
    vi.advanceTimersByTime(HOUR)
    await room.publish({ data: 2 })
    expect(await alarmOf(name)).toBe(begin + 26.4 * HOUR)
    vi.advanceTimersByTime(26 * HOUR)
    await runDurableObjectAlarm(env.ROOMS.getByName(name))
    expect(await rows(name)).toEqual({ head: 1, frame: 0, used_key: 0, run: 0 })
    expect(await alarmOf(name)).toBe(Date.now() + 24 * HOUR)
    vi.advanceTimersByTime(24 * HOUR)
    await runDurableObjectAlarm(env.ROOMS.getByName(name))
    expect(await alarmOf(name)).toBe(Date.now() + 5_000) // Its readers may just be coming back.
    await runDurableObjectAlarm(env.ROOMS.getByName(name))
    expect(await rows(name)).toEqual({ head: 0, frame: 0, used_key: 0, run: 0 })
    expect(await alarmOf(name)).toBeNull()
    expect(await room.publish({ data: 'anew' })).toMatchObject({ id: expect.stringMatching(/^1-/) })
  })

  it('wakes for one alarm without setting it twice', async () => {
    const name = newName()
    await durableRooms(env.ROOMS).get(name).publish({ data: 1 })
    await evictDurableObject(env.ROOMS.getByName(name))
    const { storage } = await runInDurableObject(env.ROOMS.getByName(name), (_, state) => state)
    const set = vi.spyOn(Object.getPrototypeOf(storage), 'setAlarm')
    await runDurableObjectAlarm(env.ROOMS.getByName(name))
    expect(set).toHaveBeenCalledTimes(1)
    set.mockRestore()
  })

  it('wakes without setting an alarm that is in time', async () => {
    const name = newName()
    const room = durableRooms(env.ROOMS).get(name)
    await room.publish({ data: 1 })
    await evictDurableObject(env.ROOMS.getByName(name))
    const { storage } = await runInDurableObject(env.ROOMS.getByName(name), (_, state) => state)
    const prototype = Object.getPrototypeOf(storage)
    const [get, set] = [vi.spyOn(prototype, 'getAlarm'), vi.spyOn(prototype, 'setAlarm')]
    await room.info()
    await vi.waitFor(() => expect(get).toHaveBeenCalled())
    await room.publish({ data: 2 })
    expect(set).not.toHaveBeenCalled()
    for (const spy of [get, set]) spy.mockRestore()
  })

  it('looks in time after its class was given a shorter age', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const name = newName()
    const room = durableRooms(env.ROOMS).get(name)
    const keep = (age: number): Promise<void> =>
      runInDurableObject(env.ROOMS.getByName(name), (object) => {
        object.retention = { age }
      })
    const begin = Date.now()
    await keep(Number.POSITIVE_INFINITY)
    await room.publish({ data: 1 })
    expect(await alarmOf(name)).toBe(begin + 30 * 24 * HOUR)
    await evictDurableObject(env.ROOMS.getByName(name))
    await keep(HOUR)
    await room.info()
    await vi.waitFor(async () => expect(await alarmOf(name)).toBe(begin + 1.1 * HOUR))
  })

  it('sets its alarm again when the platform has given it up', async () => {
    const name = newName()
    const room = durableRooms(env.ROOMS).get(name)
    await room.publish({ data: 1 })
    await runInDurableObject(env.ROOMS.getByName(name), (_, { storage }) => storage.deleteAlarm())
    await evictDurableObject(env.ROOMS.getByName(name))
    await room.info()
    await vi.waitFor(async () => expect(await alarmOf(name)).toBeGreaterThan(Date.now() + 26 * HOUR))
  })
})
