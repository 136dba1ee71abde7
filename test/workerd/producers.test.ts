/** Runs whose object goes away, and what is left of them: never silence, and never a second run. */
import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { durableRooms } from '../../src/rooms/durable-rooms.ts'
import { memoryRooms } from '../../src/rooms/memory.ts'
import type { Room, RoomMessage } from '../../src/rooms/room.ts'
import { StreamReader } from '../rooms/stream-reader.ts'

const rooms = durableRooms(env.WORK_ROOMS)
const newRoom = (): Room => rooms.get(`~job-${crypto.randomUUID()}`)
const untilSaid = (room: Room, event: string): Promise<void> =>
  expect
    .poll(async () => (await history(room)).some((message) => message.event === event), { timeout: 10_000 })
    .toBe(true)

async function history(room: Room): Promise<RoomMessage[]> {
  const all: RoomMessage[] = []
  for await (const message of room.read({ live: false })) if ('data' in message) all.push(message)
  return all
}

const expectLost = async (room: Room, run: string): Promise<void> => {
  const said = await history(room)
  expect(said.map(({ event }) => event)).toEqual(['begun', 'stream.error'])
  expect(JSON.parse(said[1]?.data ?? '')).toMatchObject({ code: 'producer-lost', run })
  expect(await room.info()).toMatchObject({ state: 'closed', runs: [{ run, state: 'failed' }] })
}

describe('a run whose object is gone', () => {
  it('ends with an error as soon as the room wakes, and is not run again under its key', async () => {
    const room = newRoom()
    const { run } = await room.start('wait', {}, { key: 'k' })
    await untilSaid(room, 'begun')
    await abortAllDurableObjects()
    expect(await room.start('wait', {}, { key: 'k' })).toEqual({ run, duplicate: true })
    await expectLost(room, run)
  })

  it('ends with an error by the alarm, when nobody looks', async () => {
    const room = newRoom()
    const { run } = await room.start('wait', {})
    await untilSaid(room, 'begun')
    const due = await runInDurableObject(env.WORK_ROOMS.getByName(room.name), (_, state) => state.storage.getAlarm())
    expect((due ?? 0) - Date.now()).toBeLessThanOrEqual(60_000)
    await abortAllDurableObjects()
    expect(await runDurableObjectAlarm(env.WORK_ROOMS.getByName(room.name))).toBe(true)
    await expectLost(room, run)
  })

  it('ends for those who read it, over the stream that they have', async () => {
    const room = newRoom()
    const { run } = await room.start('wait', {})
    const reader = new StreamReader(await room.subscribe(new Request('http://localhost/'), { from: 'start' }))
    await reader.until(({ event }) => event === 'begun')
    await abortAllDurableObjects()
    const [error] = (await reader.until(({ event }) => event === 'stream.error')).slice(-1)
    expect(JSON.parse(error?.data ?? '')).toMatchObject({ code: 'producer-lost', run })
    await reader.until(({ event }) => event === 'stream.end')
  })
})

describe('memoryRooms on Workers', () => {
  it('start nothing: it would end with the request that began it', async () => {
    const room = memoryRooms({ producers: { never: () => [] } }).get('~job-1')
    await expect(room.start('never', null)).rejects.toMatchObject({ code: 'needs-room-object' })
    expect(await room.info()).toBeUndefined()
  })
})
