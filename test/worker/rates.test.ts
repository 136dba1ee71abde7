/** Limits that Cloudflare counts, on all isolates, where they are bound. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { JWT_SECRET, tokenOf } from '../access/tokens.ts'
import { EventReader } from '../e2e/event-reader.ts'
import { exchange, type RawResponse, request } from '../e2e/raw-socket.ts'
import { as, expectRefusal } from '../e2e/refusal.ts'
import { launch, type Server } from '../launch.ts'

let server: Server
const readers: EventReader[] = []
beforeAll(async () => {
  server = await launch({ EDGE_SSE_JWT_SECRET: JWT_SECRET }, { rates: { STREAM_RATE: 3, ROOM_RATE: 2 } })
})
afterAll(async () => {
  for (const reader of readers) reader.cut('fin')
  await server.close()
})

/** Cloudflare says where a request comes from, and Miniflare does where none is said. */
const from = (address: string): [string, string] => ['CF-Connecting-IP', address]

const bearer = async (sub: string): Promise<[string, string]> => {
  const claims = { sub, rooms: { '*': ['subscribe', 'publish'] } }
  return ['Authorization', `Bearer ${await tokenOf({ claims })}`]
}
const publish = async (room: string, sub: string): Promise<RawResponse> => {
  const lines: [string, string][] = [await bearer(sub), ['Content-Type', 'application/json']]
  return exchange(server.port, request('POST', `/rooms/${room}/events`, lines, '{"data":1}'))
}

describe('a bound rate', () => {
  it('lets a subject open so many streams in a minute, though it has closed them', async () => {
    const who = await bearer('ada')
    for (let n = 0; n < 3; n++) {
      const reader = await EventReader.open(server.port, '/rooms/lobby/events', [who, from(`198.51.100.${n}`)])
      expect(reader.head.status).toBe(200)
      reader.cut('reset')
    }
    const refused = await exchange(server.port, request('GET', '/rooms/lobby/events', [who, from('198.51.100.9')]))
    expectRefusal(refused, as(429, 'too-many-connections'))
    const other = await EventReader.open(server.port, '/rooms/lobby/events', [
      await bearer('bob'),
      from('198.51.100.9'),
    ])
    readers.push(other)
    expect(other.head.status).toBe(200)
  })

  it('lets an address open so many', async () => {
    const open = async (): Promise<EventReader> => {
      const reader = await EventReader.open(server.port, '/sse', [from('192.0.2.1')])
      readers.push(reader)
      return reader
    }
    for (let n = 0; n < 3; n++) expect((await open()).head.status).toBe(200)
    expect((await open()).head.status).toBe(429)
  })

  it('lets a subject bring so many rooms to life, and speak in those there are', async () => {
    for (const room of ['one', 'two', 'one', 'two', 'one']) expect((await publish(room, 'eve')).status).toBe(201)
    const refused = await publish('three', 'eve')
    expectRefusal(refused, as(429, 'rate-limited'))
    expect(refused.headers.get('retry-after')).toBe('60')
    expect((await publish('three', 'ada')).status).toBe(201)
    expect((await publish('three', 'eve')).status).toBe(201)
  })
})
