/** HTTP/2, and HTTP/1.1 beside it on the same port, with a test certificate whose key is known to everybody. */
import { once } from 'node:events'
import { type ClientHttp2Stream, connect, type IncomingHttpHeaders } from 'node:http2'
import { request } from 'node:https'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseMessages } from '../../src/parse.ts'
import { startBrowser } from '../browser/browser.ts'
import { flags, launch, runtime, type Server } from './launch.ts'
import { RawSocket } from './raw-socket.ts'
import { inParallel, range } from './room-client.ts'

const TLS = { TLS_CERT: 'test/e2e/tls/cert.pem', TLS_KEY: 'test/e2e/tls/key.pem' }
/** What belongs to one connection: https://www.rfc-editor.org/rfc/rfc9113#section-8.2.2 */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']

let server: Server
beforeAll(async () => {
  server = await launch({ EDGE_SSE_ACCESS: 'open', ...(flags.http2 ? TLS : {}) })
})
afterAll(() => server.close())

const open = () => connect(server.url, { rejectUnauthorized: false })
const head = async (stream: ClientHttp2Stream): Promise<IncomingHttpHeaders> => (await once(stream, 'response'))[0]

if (!flags.http2)
  it(`is not spoken: ${runtime.reasons.http2}`, async () => {
    const socket = await RawSocket.open(server.port)
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n') // https://www.rfc-editor.org/rfc/rfc9113#section-3.4
    const refused = await socket.head().catch(() => ({ status: 400 })) // Or the connection is closed.
    expect(refused.status).toBeGreaterThanOrEqual(400)
    socket.cut('reset')
  })
else
  describe('HTTP/2', () => {
    const post = async (room: string, data: unknown): Promise<void> => {
      const session = open()
      const path = `/rooms/${room}/events`
      const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/json' })
      stream.end(JSON.stringify({ data }))
      expect((await head(stream))[':status']).toBe(201)
      session.close()
    }
    const subscribers = async (room: string): Promise<number> => {
      const session = open()
      const stream = session.request({ ':path': `/rooms/${room}` })
      const { subscribers } = JSON.parse((await stream.toArray()).join(''))
      session.close()
      return subscribers
    }

    it.each(['/', '/sse', '/healthz', '/nope', '/rooms/one/events', '/demo/room'])(
      'answers %s without a header that belongs to a connection',
      async (path) => {
        const session = open()
        const stream = session.request({ ':path': path })
        const headers = await head(stream)
        expect(Object.keys(headers).filter((name) => HOP_BY_HOP.includes(name))).toEqual([])
        stream.close()
        session.close()
      },
    )

    it('brings each event before the next is published, on many streams of one connection', async () => {
      const session = open()
      const readers = range(1, 10).map(() => {
        const stream = session.request({ ':path': '/rooms/two/events', accept: 'text/event-stream' })
        return parseMessages(stream)[Symbol.asyncIterator]()
      })
      const next = async (reader: AsyncIterator<{ event?: string | undefined; data: string }>): Promise<string> => {
        for (;;) {
          const { value } = await reader.next()
          if (value.event === 'stream.live') return 'live'
          if (value.event === undefined) return value.data
        }
      }
      expect(await Promise.all(readers.map(next))).toEqual(range(1, 10).map(() => 'live'))
      for (let n = 1; n <= 3; n++) {
        await post('two', n)
        expect(await Promise.all(readers.map(next))).toEqual(range(1, 10).map(() => String(n)))
      }
      session.destroy()
    })

    it.each(['its stream', 'its connection'] as const)('notices a reader that closes %s', async (what) => {
      const room = what === 'its stream' ? 'three' : 'four'
      await post(room, 1)
      const session = open()
      const stream = session.request({ ':path': `/rooms/${room}/events` })
      await once(stream, 'data')
      await expect.poll(() => subscribers(room), { timeout: 10_000 }).toBe(1)
      if (what === 'its stream') stream.close()
      else session.destroy()
      await expect.poll(() => subscribers(room), { timeout: 10_000 }).toBe(0)
      session.destroy()
    })

    it('lets a browser have ten streams from one origin at once', async () => {
      const browser = await startBrowser()
      try {
        const page = await browser.newPage({ ignoreHTTPSErrors: true })
        await page.goto(server.url)
        // All in one turn: over HTTP/1.1 the seventh would wait for ever.
        const live = page.evaluate(() =>
          Promise.all(
            Array.from({ length: 10 }, () => {
              const source = new EventSource('/rooms/five/events')
              const heard = new Promise((resolve) => {
                source.onmessage = ({ data }) => resolve(data)
              })
              const live = new Promise<void>((resolve) => source.addEventListener('stream.live', () => resolve()))
              return live.then(() => ({ heard }))
            }),
          ).then((sources) => {
            Object.assign(globalThis, { heard: Promise.all(sources.map(({ heard }) => heard)) })
            return sources.length
          }),
        )
        expect(await live).toBe(10)
        await post('five', 'hello')
        const heard = await page.evaluate(() => (globalThis as unknown as { heard: Promise<string[]> }).heard)
        expect(heard).toEqual(range(1, 10).map(() => 'hello'))
      } finally {
        await browser.close()
      }
    })

    it('leaves HTTP/1.1 to who speaks only that', async () => {
      const versions = await inParallel(range(1, 3), 3, async () => {
        const sent = request(`${server.url}/healthz`, { rejectUnauthorized: false }).end()
        const [answer] = await once(sent, 'response')
        answer.resume()
        return answer.httpVersion
      })
      expect(versions).toEqual(['1.1', '1.1', '1.1'])
    })
  })
