/** Bodies that are bad as bodies, whatever a publish is sent as: too long, cut off, encoded, slow. Over bare sockets. */
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { flags } from './launch.ts'
import { chunk, RawSocket, request } from './raw-socket.ts'
import { as, CANARY, expectRefusal } from './refusal.ts'
import { eventsOf, RefusingServer } from './refusing-server.ts'

const MIB = 1_048_576
const CHUNKED = { 'Transfer-Encoding': 'chunked' }
const announced = (length: number): Record<string, string> => ({ 'Content-Length': String(length) })
const tooLarge = as(413, 'payload-too-large')
const brokeOff = as(400, 'malformed-request')
const encoded = as(415, 'unsupported-encoding')
const late = as(408, 'request-timeout')

/** What a publish may be sent as, each with a body that is good. */
const formats = [
  { format: 'json', type: 'application/json', good: `{"data":"${CANARY}"}` },
  { format: 'ndjson', type: 'application/x-ndjson', good: `{"data":"${CANARY}"}\n{"data":2}\n{"data":3}\n` },
]

describe('a bad body', () => {
  let server: RefusingServer
  beforeAll(async () => {
    server = await RefusingServer.launch()
  })
  afterAll(() => server.close())

  /** A socket on which the head of a publish was sent. */
  async function begin(room: string, type: string, headers: Record<string, string>): Promise<RawSocket> {
    const socket = await RawSocket.open(server.port)
    socket.write(request('POST', eventsOf(room), { 'Content-Type': type, ...headers }))
    return socket
  }

  describe.each(formats)('of type $type', ({ format, type, good }) => {
    const post =
      (headers: Record<string, string>, body?: string | Uint8Array) =>
      (room: string): Uint8Array =>
        request('POST', eventsOf(room), { 'Content-Type': type, ...headers }, body)

    it.each([MIB + 1, 2 ** 30, Number.MAX_SAFE_INTEGER])(
      'row 11: of %i bytes announced is 413, and none of them needs to be sent',
      async (length) => {
        await server.refuseIn(`row-11-${format}`, post(announced(length)), tooLarge)
      },
    )

    it('row 12: that has no end is 413 as soon as it is over the limit', async () => {
      const room = `row-12-${format}`
      await server.makeRoom(room)
      const socket = await begin(room, type, CHUNKED)
      for (let sent = 0; sent < MIB; sent += MIB / 16) socket.write(chunk(' '.repeat(MIB / 16)))
      socket.write(chunk(' '))
      expectRefusal(await socket.response(), tooLarge)
      await server.logs(tooLarge, eventsOf(room))
      await server.expectUnchanged(room)
      socket.cut('fin')
    })

    it('row 12: that goes on and on is refused, and not read for ever where the runtime lets us stop it', async () => {
      const room = `row-12-on-${format}`
      await server.makeRoom(room)
      const socket = await begin(room, type, CHUNKED)
      let settled = false
      const settling = (flags.endlessBody === 'cut off' ? socket.closed() : socket.head()).finally(() => {
        settled = true
      })
      const bytes = chunk(good.repeat(1_000))
      while (!settled) {
        socket.write(bytes)
        await new Promise(setImmediate) // What came meanwhile is read before more is sent.
      }
      await settling
      socket.cut('reset')
      await server.logs(tooLarge, eventsOf(room))
      await server.expectUnchanged(room)
    })

    describe.each([
      { cut: 'of which 5 of 10 bytes came', headers: announced(10), sent: good.slice(0, 5) },
      { cut: 'that is whole, and was announced longer', headers: announced(good.length + 1), sent: good },
      { cut: 'that is whole, and lacks its last chunk', headers: CHUNKED, sent: chunk(good) },
    ])('$cut', ({ cut, headers, sent }) => {
      const name = `row-13-${format}-${cut.split(' ').at(-2)}`
      const start = async (room: string): Promise<RawSocket> => {
        await server.makeRoom(room)
        const socket = await begin(room, type, headers)
        socket.write(sent)
        return socket
      }

      it('row 13: is 400 once the client says that no more comes, and publishes nothing', async () => {
        const socket = await start(`${name}-end`)
        socket.end()
        if (flags.halfClosedBody === '400') expectRefusal(await socket.response(), brokeOff)
        else if (flags.halfClosedBody === 'nothing') await socket.closed()
        else expect((await socket.response()).status).toBe(400)
        await server.logs(brokeOff, eventsOf(`${name}-end`))
        await server.expectUnchanged(`${name}-end`)
        socket.cut('fin')
      })

      it('row 13: publishes nothing when the client leaves by a FIN, and the log says so', async () => {
        const socket = await start(`${name}-fin`)
        socket.cut('fin')
        await server.logs(brokeOff, eventsOf(`${name}-fin`))
        await server.expectUnchanged(`${name}-fin`)
      })

      it('row 13: publishes nothing when the client leaves by a reset', async () => {
        const socket = await start(`${name}-reset`)
        socket.cut('reset')
        server.mayLog(brokeOff, eventsOf(`${name}-reset`)) // On workerd the handler goes with its reader.
        await server.expectUnchanged(`${name}-reset`) // Nor later: the last tests of this file look again.
      })
    })

    it.each(['gzip', 'GZIP', 'x-gzip', 'br', 'deflate', 'zstd', 'identity, gzip', CANARY])(
      'row 16: with Content-Encoding: %s is 415, whether it is so encoded or not',
      async (encoding) => {
        for (const body of [gzipSync(good), good])
          await server.refuseIn(`row-16-${format}`, post({ 'Content-Encoding': encoding }, body), encoded)
      },
    )

    it('row 16: with Content-Encoding: identity is taken', async () => {
      const response = await server.send(post({ 'Content-Encoding': 'identity' }, good)(`row-16-${format}-good`))
      expect(response.status).toBe(201)
    })
  })

  it('row 17: that is not here after 10 s is 408, however it dawdles, and publishes nothing', async () => {
    const ways = formats.flatMap(({ format, type, good }) =>
      [
        { way: 'one byte a second', headers: announced(good.length), drips: (second: number) => good.charAt(second) },
        { way: 'no byte', headers: announced(good.length) },
        { way: 'all but the last byte', headers: announced(good.length), first: good.slice(0, -1) },
        { way: 'all but the last chunk', headers: CHUNKED, first: chunk(good) },
        { way: 'one chunk more a second', headers: CHUNKED, first: chunk(good), drips: () => chunk(' ') },
      ].map(({ way, ...rest }) => ({ room: `row-17-${format}-${way.replaceAll(' ', '-')}`, type, ...rest })),
    )
    await Promise.all(
      ways.map(async ({ room, type, headers, first = '', drips = () => '' }) => {
        await server.makeRoom(room)
        const began = performance.now()
        const socket = await begin(room, type, headers)
        socket.write(first)
        let seconds = 0
        const dripping = setInterval(() => socket.write(drips(seconds++)), 1_000)
        const response = await socket.response().finally(() => clearInterval(dripping))
        expectRefusal(response, late)
        // The server began to count later than this: only the difference of two clocks can make it less.
        expect(performance.now() - began, room).toBeGreaterThan(9_900)
        await server.logs(late, eventsOf(room))
        await server.expectUnchanged(room)
        socket.cut('fin')
      }),
    )
  })

  it('is explained on the page that its type names', async () => {
    for (const { slug } of [tooLarge, brokeOff, encoded, late]) {
      const page = await server.send(request('GET', `/problems/${slug}`))
      expect({ slug, status: page.status }).toEqual({ slug, status: 200 })
      expect(String(page.body)).toContain(slug)
    }
  })

  it('has changed nothing, also later', () => server.expectAllUnchanged())

  it('leaves everybody else alone: they lost and repeated nothing', () => server.expectNobodyNoticed())

  it('is one line of JSON in the log, and nothing else is', () => server.expectOneLineEach())
})
