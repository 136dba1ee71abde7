/** A server that is told to end: it refuses what is new, sends its readers to reconnect, and ends well. */
import { describe, expect, it } from 'vitest'
import { EventReader } from './event-reader.ts'
import { flags, launch, type Server } from './launch.ts'
import { RawSocket, request } from './raw-socket.ts'
import { as, expectRefusal } from './refusal.ts'
import { publish, range } from './room-client.ts'

/** One that was started as a process, and can be signalled. */
type Process = Server & { pid: number; gone: Promise<number | null> }
const start = async (vars: Record<string, string> = {}): Promise<Process> =>
  (await launch({ EDGE_SSE_ACCESS: 'open', EDGE_SSE_DRAIN: '1000', ...vars })) as Process

/** What comes over a connection that was there; nothing where that may have been cut off. */
const late = (socket: RawSocket): Promise<Awaited<ReturnType<RawSocket['response']>> | undefined> =>
  socket.response().catch((error: Error) => {
    if (flags.lateRequest === 'may be cut off' && error.message.includes('the connection ended')) return undefined
    throw error
  })

describe('a server that ends', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'at %s sends every reader to reconnect, each at a time of its own, and exits with 0',
    async (signal) => {
      const server = await start()
      const { id } = await publish(server.url, 'lobby', 'before')
      const readers = await Promise.all(
        range(1, 20).map((n) => EventReader.open(server.port, n % 2 ? '/rooms/lobby/events?from=start' : '/sse')),
      )
      await Promise.all(readers.map((reader) => reader.until('an event', () => reader.ids.length > 0)))
      process.kill(server.pid, signal)
      await Promise.all(readers.map((reader) => reader.untilEnd()))
      for (const reader of readers) {
        expect(reader.ended).toBe('well')
        expect(reader.events.at(-1)).toEqual({ event: 'stream.end', data: '{"reconnect":true}' })
        expect(reader.retries).toHaveLength(2) // One at its start, one for its way back.
      }
      expect(new Set(readers.map(({ retries }) => retries.at(-1))).size).toBeGreaterThan(10)
      expect(readers[0]?.ids).toEqual([id])
      expect(await server.gone).toBe(0)
      await expect(RawSocket.open(server.port)).rejects.toThrow('ECONNREFUSED')
    },
  )

  it('lets what is under way end, and refuses what comes over connections that were there', async () => {
    const server = await start()
    const upload = await RawSocket.open(server.port)
    const body = JSON.stringify({ data: 'slowly' })
    const json = { 'Content-Type': 'application/json' }
    upload.write(request('POST', '/rooms/lobby/events', { ...json, 'Content-Length': String(body.length) }))
    const [kept, native] = await Promise.all([RawSocket.open(server.port), RawSocket.open(server.port)])
    for (const socket of [kept, native]) {
      socket.write(request('GET', '/healthz'))
      expect((await socket.response()).status).toBe(200)
      // Not idle, or the server would close it at once: half of the next request is there.
      socket.write('GET /sse HTTP/1.1\r\nHost: localhost\r\n')
    }
    const reader = await EventReader.open(server.port, '/sse')
    process.kill(server.pid, 'SIGTERM')
    await reader.untilEnd() // From here on it is known to end.
    kept.write('\r\n')
    native.write('Accept: text/event-stream\r\n\r\n')
    const [refused, sentAway] = await Promise.all([kept, native].map(late))
    if (refused) {
      expectRefusal(refused, as(503, 'shutting-down'))
      expect(refused.headers.get('retry-after')).toMatch(/^\d+$/)
    }
    if (sentAway)
      expect({ status: sentAway.status, stream: String(sentAway.body) }).toEqual({
        status: 200,
        stream: expect.stringMatching(/\n\nretry: \d+\n\nevent: stream.end\ndata: \{"reconnect":true\}\n\n$/),
      })
    // Last: it is what keeps the process from ending before the others were answered.
    upload.write(body)
    expect((await upload.response()).status).toBe(201)
    for (const socket of [kept, native, upload]) socket.cut('fin')
    expect(await server.gone).toBe(0)
  })

  it('does not wait for a reader that takes nothing', async () => {
    const server = await start()
    const stalled = await EventReader.open(server.port, '/rooms/lobby/events')
    await stalled.untilLive()
    stalled.pause()
    for (let n = 0; n < 40; n++) await publish(server.url, 'lobby', 'x'.repeat(250_000))
    process.kill(server.pid, 'SIGTERM')
    expect(await server.gone).toBe(0)
  })
})
