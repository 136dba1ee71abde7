/** Rooms in memory on Workers, where each request has a context of its own and takes its timers along when it ends. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleWorker } from '../bundle-worker.ts'
import { launch, type Server } from '../launch.ts'
import { StreamReader } from '../rooms/stream-reader.ts'

const WORKER = `
  import { memoryRooms } from 'edge-sse'
  export class RoomObject {}
  const room = memoryRooms().get('lobby')
  const small = memoryRooms({ budget: 1 }).get('small')
  export default { async fetch(request) {
    if (request.method === 'GET') return (request.url.endsWith('/small') ? small : room).subscribe(request)
    if (request.method === 'DELETE') {
      // At once, so that the second event still waits to be taken.
      await small.publishAll(['a', 'b'].map((c) => ({ data: c.repeat(100_000) }))).then(() => small.close())
      return new Response()
    }
    return Response.json(await room.publish({ data: await request.text() }))
  } }`

describe('memoryRooms in one isolate', () => {
  let server: Server
  const publish = async (body: string): Promise<string> => {
    const response = await fetch(server.url, { method: 'POST', body })
    expect(response.status).toBe(200)
    return ((await response.json()) as { id: string }).id
  }

  beforeAll(async () => {
    server = await launch({}, { bundle: bundleWorker('test/output/memory-rooms', 'memory', WORKER) })
  })
  afterAll(() => server.close())

  it('delivers what other requests publish, one by one and many at once', async () => {
    const reader = new StreamReader(await fetch(server.url))
    await reader.untilLive()
    const ids: string[] = []
    for (let n = 0; n < 10; n++) ids.push(await publish(`paced ${n}`))
    const burst = await Promise.all(Array.from({ length: 20 }, (_, n) => publish(`burst ${n}`)))
    const inOrder = (all: string[]): string[] => all.toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    expect(await reader.events(30)).toEqual([...ids, ...inOrder(burst)])
    await reader.leave()
  })

  it('feeds a reader that falls behind from the log, whoever published, and goes on for everybody else', async () => {
    const stalled = new StreamReader(await fetch(server.url))
    await stalled.untilLive()
    const healthy = new StreamReader(await fetch(server.url))
    await healthy.untilLive()
    const reading = healthy.events(100)
    const ids: string[] = []
    for (let n = 0; n < 100; n++) ids.push(await publish('x'.repeat(100_000)))
    expect(await reading).toEqual(ids)
    expect(await stalled.events(100)).toEqual(ids)
    ids.push(await publish('live again'))
    expect(await stalled.events(1)).toEqual(ids.slice(-1))
    await Promise.all([stalled.leave(), healthy.leave()])
  })
  it('brings a reader to the end of a room that another request closes while something waits for that reader', async () => {
    const reader = new StreamReader(await fetch(`${server.url}/small`))
    await reader.untilLive()
    expect((await fetch(server.url, { method: 'DELETE' })).status).toBe(200)
    expect((await reader.all()).filter(({ event }) => event !== 'stream.presence')).toMatchObject([
      { data: 'a'.repeat(100_000) },
      { data: 'b'.repeat(100_000) },
      { id: '~end', event: 'stream.end' },
    ])
  })
})
