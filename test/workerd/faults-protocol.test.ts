/** A Worker and an object of different versions: for a while after a deploy both are there. */
import { abortAllDurableObjects } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { RoomObject } from '../../src/rooms/durable-object.ts'
import { durableRooms } from '../../src/rooms/durable-rooms.ts'
import type { Room, Rooms } from '../../src/rooms/room.ts'
import type { Read } from '../rooms/stream-reader.ts'
import { PATIENT, Traffic, type TrafficReader } from '../rooms/traffic.ts'

const COME_BACK = { event: 'stream.end', data: '{"reconnect":true}' }

/** The rooms of a Worker that speaks another version of the protocol for as long as `speaks` says so. */
const worker = { speaks: 'edge-sse.1' }
const namespace = new Proxy(env.ROOMS, {
  get: (rooms, key) => {
    const getByName = (name: string): unknown => {
      const stub = rooms.getByName(name)
      const fetch = (url: string, init: RequestInit): Promise<Response> => {
        const headers = new Headers(init.headers)
        headers.set('sec-websocket-protocol', worker.speaks)
        return stub.fetch(url, { ...init, headers })
      }
      return new Proxy(stub, { get: (_, method) => (method === 'fetch' ? fetch : Reflect.get(stub, method)) })
    }
    return key === 'getByName' ? getByName : Reflect.get(rooms, key)
  },
}) as DurableObjectNamespace<RoomObject>

describe('a Worker', () => {
  let traffic: Traffic
  const newRoom = (rooms: Rooms): Room => {
    const room = rooms.get(`versions-${crypto.randomUUID()}`)
    traffic = new Traffic(room)
    return room
  }
  /** Everything a stream has said, once it has ended. */
  const allOf = async (reader: TrafficReader): Promise<Read[]> => {
    await vi.waitFor(() => expect(reader.ended).toBeDefined(), PATIENT)
    return reader.stream.complete()
  }

  afterEach(async () => {
    worker.speaks = 'edge-sse.1'
    await traffic.leave()
  })

  it('that is older than its object sends its readers to come back, at first', async () => {
    const room = newRoom(durableRooms(namespace))
    await traffic.publish('before', 3)
    worker.speaks = 'edge-sse.0'
    const reader = await traffic.join('0')
    expect(await allOf(reader)).toEqual([COME_BACK])
    expect(await room.info()).toMatchObject({ subscribers: 0 })
    worker.speaks = 'edge-sse.1'
    await traffic.comeBack(reader)
    await traffic.settle()
  })

  it('that is older than its restarted object sends its readers to come back, and they resume exactly', async () => {
    newRoom(durableRooms(namespace))
    const readers = await Promise.all([traffic.join(), traffic.join('0')])
    await traffic.publish('before', 3)
    await traffic.arrive()
    worker.speaks = 'edge-sse.0'
    await abortAllDurableObjects()
    for (const reader of readers) expect((await allOf(reader)).at(-1)).toEqual(COME_BACK)
    await traffic.publish('while away', 3)
    worker.speaks = 'edge-sse.1'
    await Promise.all(readers.map((reader) => traffic.comeBack(reader)))
    await traffic.publish('after', 3)
    await traffic.settle()
  })

  it('that is newer than its object sends its readers to come back', async () => {
    const room = newRoom(durableRooms(env.OLDER_ROOMS))
    await traffic.publish('before', 3)
    expect(await allOf(await traffic.join('0'))).toEqual([COME_BACK])
    expect(await room.info()).toMatchObject({ subscribers: 0 })
  })

  it('that speaks another version than its object tells who reads in code that the room cannot be reached', async () => {
    const next = newRoom(durableRooms(env.OLDER_ROOMS)).read()[Symbol.asyncIterator]().next()
    await expect(next).rejects.toMatchObject({ code: 'storage-unavailable' })
  })
})
