/** What is asked: method, headers, body, ticket, cursor. WPT's eventsource/request-*, as far as it is about that. */
import { connect, SseError } from '../../../src/client.ts'
import { holds, rejection, same } from '../assert.ts'
import type { ConnectCase } from '../connect-case.ts'
import { all, opened, QUICK } from '../reading.ts'
import { Scripted } from '../scripted.ts'

const ONE = { body: ['data: one\n\n'] }

export const requests: ConnectCase[] = [
  {
    name: 'asks for an event stream or a problem, fresh, and without a cursor',
    async run(world) {
      const { script, connection } = await opened(world, [ONE])
      same(await all(connection), ['one'])
      const [seen] = await script.requests(1)
      const headers = seen?.headers ?? {}
      same([seen?.method, seen?.body], ['GET', ''])
      same(headers.accept, 'text/event-stream, application/problem+json')
      same(headers['last-event-id'] ?? null, null)
      same(/no-cache|no-store/.test(headers['cache-control'] ?? ''), world.platform.flags.saysNoCache)
    },
  },
  {
    name: 'dials at the first next(), and once',
    async run(world) {
      const { script, connection, states } = await opened(world, [{ body: ['data: one\n\n', { gate: true }] }])
      const iterator = connection[Symbol.asyncIterator]()
      same([(await script.requests(0)).length, states, connection.state.phase], [0, [], 'connecting'])
      same((await iterator.next()).value, { event: 'message', data: 'one' })
      same((await script.requests(0)).length, 1)
      let second: { code?: string } = {}
      try {
        connection[Symbol.asyncIterator]()
      } catch (error) {
        second = error as SseError
      }
      same(second.code, 'already-open')
      await connection.close()
    },
  },
  {
    name: 'sends method, headers and body again with each attempt',
    async run(world) {
      const bodies = [
        '{"stream":true}',
        new URLSearchParams({ a: 'b c' }),
        new Uint8Array([104, 105]),
        new Blob(['blob'], { type: 'text/x-blob' }),
      ]
      const texts = ['{"stream":true}', 'a=b+c', 'hi', 'blob']
      for (const [index, body] of bodies.entries()) {
        const headers = { 'x-own': 'mine', authorization: 'Bearer b' }
        const answers = [{ body: ['id: 1\ndata: one\n\n'] }, { body: ['id: 2\ndata: two\n\n'] }]
        const { script, connection } = await opened(world, answers, { method: 'put', headers, body })
        same(await all(connection), ['one', 'two'])
        for (const [at, seen] of (await script.requests(3)).entries()) {
          same([seen.method, seen.body], ['PUT', texts[index]])
          same([seen.headers['x-own'], seen.headers.authorization], ['mine', 'Bearer b'])
          same(seen.headers['last-event-id'] ?? null, [null, '1', '2'][at])
        }
      }
    },
  },
  {
    name: 'posts where there is a body, and takes "get" in small letters for what it is',
    async run(world) {
      const posted = await opened(world, [ONE], { body: 'question' })
      same(await all(posted.connection), ['one'])
      const got = await opened(world, [ONE, ONE], { method: 'get' })
      same(await all(got.connection), ['one', 'one'])
      same(
        [await posted.script.requests(1), await got.script.requests(3)].flat().map(({ method }) => method),
        ['POST', 'GET', 'GET', 'GET'],
      )
    },
  },
  {
    name: 'asks functions for headers and ticket afresh at each attempt',
    async run({ server }) {
      const script = await Scripted.play(server, ONE, { status: 503, headers: {} }, ONE)
      let asked = 0
      const connection = connect(`${script.url}/path?room=a%20b&x`, {
        ...QUICK,
        headers: async () => ({ authorization: `Bearer ${++asked}` }),
        ticket: () => `t&${asked}`,
      })
      same(await all(connection), ['one', 'one'])
      same(
        (await script.requests(4)).map(({ url, headers }) => `${url} ${headers.authorization}`),
        [1, 2, 3, 4].map((n) => `/path?room=a%20b&x&ticket=t%26${n} Bearer ${n}`),
      )
      const bare = await opened({ server }, [], { ticket: async () => 'one' })
      await all(bare.connection)
      same((await bare.script.requests(1))[0]?.url, '?ticket=one')
    },
  },
  {
    name: 'tries again what a function fails of, unless that is an SseError',
    async run(world) {
      for (const name of ['headers', 'ticket'] as const) {
        let asked = 0
        const flaky = (): never => {
          if (++asked === 3) throw new SseError('unauthorized', 'Cannot read stream: signed out')
          throw new TypeError('offline')
        }
        const { connection, states } = await opened(world, [], { [name]: flaky })
        same((await rejection(all(connection))).code, 'unauthorized')
        same([asked, states.filter(({ retryAt }) => retryAt).length], [3, 2])
        holds(String(states.at(1)?.error) === 'TypeError: offline', 'the state says why')
      }
    },
  },
  {
    name: 'begins after the id it is given, in UTF-8',
    async run(world) {
      for (const id of ['1-abc', 'ü€🦆', ' ~end'.trim()]) {
        const { script, connection } = await opened(world, [], { lastEventId: id })
        same(connection.lastEventId, id)
        same(await all(connection), [])
        const sent = (await script.requests(1))[0]?.headers['last-event-id'] ?? ''
        same(new TextDecoder().decode(Uint8Array.from(sent, (char) => char.charCodeAt(0))), id)
      }
    },
  },
  {
    name: 'fails with a typed error for an id that no header holds, be it given or read',
    async run(world) {
      for (const id of ['a\u0001b', 'x'.repeat(5_000)]) {
        const given = await opened(world, [ONE], { lastEventId: id })
        same((await rejection(all(given.connection))).code, 'invalid-last-event-id')
        const read = await opened(world, [{ body: [`id: ${id}\ndata: one\n\n`] }])
        same((await rejection(all(read.connection))).code, 'invalid-last-event-id')
        same([(await given.script.requests(0)).length, (await read.script.requests(0)).length], [0, 1])
      }
    },
  },
  {
    name: 'asks with a fetch of the caller, whose failures are tried again',
    async run(world) {
      const asked: string[] = []
      const own = async (request: Request): Promise<Response> => {
        asked.push(request.url)
        if (asked.length === 1) throw new TypeError('no network')
        return globalThis.fetch(request)
      }
      const { script, connection } = await opened(world, [ONE], { fetch: own })
      same(await all(connection), ['one'])
      same(asked, [script.url, script.url, script.url])
    },
  },
  {
    name: 'sends a browser’s cookies as credentials says, to another origin too',
    async run({ server }) {
      const { document } = globalThis as { document?: { cookie: string } }
      if (document) document.cookie = 'own=cookie'
      for (const [at, credentials, isSent] of [
        ['url', undefined, true],
        ['url', 'same-origin', true],
        ['url', 'omit', false],
        ['other', undefined, false],
        ['other', 'include', true],
        ['other', 'same-origin', false],
      ] as const) {
        const script = await Scripted.play(server, { body: ['id: 1\ndata: one\n\n'] })
        const connection = connect(script[at], { ...QUICK, ...(credentials && { credentials }) })
        same(await all(connection), ['one'])
        const cookie = document && isSent ? 'own=cookie' : null
        const seen = await script.requests(2)
        same(
          seen.map(({ headers }) => headers.cookie ?? null),
          [cookie, cookie],
          `${at} ${credentials}`,
        )
        same(seen[1]?.headers['last-event-id'], '1')
      }
    },
  },
  {
    name: 'throws at once for what is no URL, and at the first attempt for a header that is none',
    async run(world) {
      try {
        connect('http://[')
        throw new Error('it did not throw')
      } catch (error) {
        holds(error instanceof TypeError, 'that is a TypeError')
      }
      const { script, connection } = await opened(world, [ONE], { headers: { 'no header': 'x' } })
      holds((await rejection(all(connection))) instanceof TypeError, 'that is a TypeError too')
      same((await script.requests(0)).length, 0)
    },
  },
]
