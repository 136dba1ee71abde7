import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EventReader } from './event-reader.ts'
import { launch, type Server } from './launch.ts'
import { exchange, request } from './raw-socket.ts'
import { as, expectRefusal } from './refusal.ts'
import { range } from './room-client.ts'

let server: Server
beforeAll(async () => {
  server = await launch()
})
afterAll(() => server.close())

const speak = (room: string, body: unknown, headers: Record<string, string> = {}) => {
  const json = { 'Content-Type': 'application/json', ...headers }
  return exchange(server.port, request('POST', `/chat-room/${room}/events`, json, JSON.stringify(body)))
}
const join = (room: string, headers: Record<string, string> = {}): Promise<EventReader> =>
  EventReader.open(server.port, `/chat-room/${room}/events`, headers)

describe('a chat room', () => {
  it('brings what one says to everyone, once, and the last 50 messages to who joins', async () => {
    const readers = [await join('lobby'), await join('lobby')]
    await Promise.all(readers.map((reader) => reader.untilLive()))
    const ids: string[] = []
    for (const n of range(1, 60)) {
      const answer = await speak('lobby', { from: ' Ada ', text: `${n}` }, { 'Idempotency-Key': `${n}` })
      expect(answer.status).toBe(201)
      ids.push(JSON.parse(String(answer.body)).id)
      if (n % 10 === 0)
        expect((await speak('lobby', { from: ' Ada ', text: `${n}` }, { 'Idempotency-Key': `${n}` })).status).toBe(201)
    }
    readers.push(await join('lobby'), await join('lobby', { 'Last-Event-ID': ids[57] ?? '' }))
    for (const [index, expected] of [ids, ids, ids.slice(10), ids.slice(58)].entries()) {
      const reader = readers[index] as EventReader
      await reader.untilId(ids[59] ?? '')
      expect(reader.ids).toEqual(expected)
      expect(reader.published.every(({ event }) => event === 'chat')).toBe(true)
      expect(JSON.parse(reader.published.at(-1)?.data ?? '')).toEqual({ from: 'Ada', text: '60' })
      reader.cut('fin')
    }
  })

  it('refuses what is no message', async () => {
    for (const body of [
      {},
      { from: 'Ada' },
      { from: 'Ada', text: ' ' },
      { from: 7, text: 'x' },
      { from: 'x'.repeat(41), text: 'x' },
    ])
      expectRefusal(await speak('quiet', body), as(400, 'invalid-parameter'))
    for (const body of [null, [], 7, 'x']) expectRefusal(await speak('quiet', body), as(400, 'invalid-json'))
  })
})
