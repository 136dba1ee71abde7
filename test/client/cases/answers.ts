/** Statuses and content types. WPT's eventsource/request-status-error and format-mime-*, re-derived. */
import { holds, rejection, same } from '../assert.ts'
import type { ConnectCase } from '../connect-case.ts'
import { all, opened, waits } from '../reading.ts'
import { refused } from '../refused.ts'
import type { Answer } from '../script.ts'

const ONE = { body: ['id: 1\ndata: one\n\n'] }
const typed = (type: string): Answer => ({ ...ONE, headers: { 'content-type': type } })

export const answers: ConnectCase[] = [
  {
    name: 'fails with a typed error on a status that does not heal, and says what the server said',
    async run(world) {
      for (const status of [400, 402, 404, 405, 409, 410, 422, 431, 451]) {
        const problem = { title: 'no', detail: 'not for you' }
        const answer = {
          status,
          headers: { 'content-type': 'application/problem+json', 'retry-after': '90' },
          body: [JSON.stringify(problem)],
        }
        const { code, status: of, cause, retryAfter } = await refused(world, answer)
        same([code, of, cause, retryAfter], ['refused', status, problem, 90])
      }
      // Where a redirect leads nowhere at all.
      const nowhere = world.platform.flags.tellsRedirects ? [302, 307] : []
      for (const status of [300, 304, ...nowhere]) same((await refused(world, { status, headers: {} })).status, status)
    },
  },
  {
    name: 'keeps 16 KiB of what a refusal says, and waits two seconds for it',
    async run(world) {
      const text = { 'content-type': 'text/plain' }
      const body = [{ flood: 'no ', total: 2 ** 30 }]
      const { script, connection } = await opened(world, [{ status: 404, headers: text, body }])
      same((await rejection(all(connection))).cause, 'no '.repeat(5_462).slice(0, 16_384))
      const taken = await script.full(0)
      holds(taken < world.platform.flags.readsAhead * 2 ** 20, `${taken} bytes are what may wait`)
      const slow = await refused(world, { status: 403, headers: text, body: ['wait'], end: 'hang' })
      same(slow.cause, 'wait')
      // What came together with its end may be lost.
      const { cause } = await refused(world, { status: 404, headers: text, body: ['{"half":'], end: 'cut' })
      holds(cause === '{"half":' || cause === '', `${cause} is what was said`)
    },
  },
  {
    name: 'tries again after what may heal',
    async run(world) {
      for (const status of [408, 425, 429, 500, 501, 502, 503, 504, 599]) {
        const { data, waits: told } = await waits(world, [{ status, headers: {} }, ONE])
        const isRepeated = status === 408 && world.platform.flags.repeats408
        same([data, told], [['one'], isRepeated ? [500] : [500, 500]], `${status}`)
      }
    },
  },
  {
    name: 'ends without an error on 204, whatever came before',
    async run(world) {
      for (const before of [[], [ONE], [{ status: 503, headers: {} }]]) {
        const { script, connection, states } = await opened(world, before)
        same(await all(connection), before.includes(ONE as never) ? ['one'] : [])
        same((await script.requests(0)).length, before.length + 1)
        same([connection.state, states.at(-1)], [{ phase: 'closed', attempt: 0 }, connection.state])
      }
    },
  },
  {
    name: 'fails on a content type that is no event stream',
    async run(world) {
      for (const type of [
        ...['text/html', 'text/event-streams', 'text/x-event-stream', 'text/event-stream-x', 'application/json', ''],
        ...['text/event stream', 'xtext/event-stream', 'text/plain; text/event-stream'],
      ]) {
        const { code, message } = await refused(world, typed(type))
        same(code, 'not-an-event-stream', type)
        holds(message.endsWith(JSON.stringify(type)), `it says ${type}`)
      }
      const { code } = await refused(world, { headers: { 'x-none': '1' }, body: ['data: one\n\n'] })
      same(code, 'not-an-event-stream')
      same((await refused(world, typed('text/html'))).cause, 'id: 1\ndata: one\n\n')
      // It is told, and a line of a log or a terminal is to show it.
      const headers = { 'content-type': '"\u001b[2J\u0007' }
      const fetch = async (): Promise<Response> => new Response('', { headers })
      const { connection } = await opened(world, [], { fetch })
      same((await rejection(all(connection))).message.endsWith('"\\"\\u001b[2J\\u0007"'), true)
    },
  },
  {
    name: 'reads any success that is an event stream, whatever its parameters are',
    async run(world) {
      for (const type of [
        ...['text/event-stream', 'text/event-stream;', 'TEXT/Event-Stream', 'text/event-stream;charset=windows-1252'],
        ...['text/event-stream ; charset=utf-8', 'text/event-stream;charset'],
      ])
        same(await all((await opened(world, [typed(type)])).connection), ['one'], type)
      // `eventStream` may be given a status. An `EventSource` would fail.
      for (const status of [201, 210, 299])
        same(await all((await opened(world, [{ ...ONE, status }])).connection), ['one'], `${status}`)
    },
  },
  {
    name: 'asks for headers and ticket afresh once when it is refused, and again once after a good connection',
    async run(world) {
      const no = (status: number): Answer => ({ status, headers: {} })
      for (const name of ['headers', 'ticket'] as const)
        for (const [seen, script, end] of [
          [['one'], [no(401), ONE], undefined],
          [['one'], [no(403), ONE], undefined],
          [[], [no(401), no(403), ONE], 403],
          [[], [no(401), no(503), no(401), ONE], 401],
          [['one'], [no(401), ONE, no(401), ONE], undefined],
          [['one'], [no(401), ONE, no(401), no(401)], 401],
        ] as const) {
          let asked = 0
          const fresh = (): never => (name === 'ticket' ? `t${++asked}` : { 'x-asked': `${++asked}` }) as never
          const { script: played, connection } = await opened(world, [...script], { [name]: fresh })
          const read: unknown[] = []
          const error = await (async () => {
            for await (const { data } of connection) read.push(data)
          })().then(
            () => undefined,
            ({ status }) => status,
          )
          same([read, error], [seen, end])
          const requests = await played.requests(0)
          same(asked, requests.length)
        }
      for (const status of [401, 403])
        for (const options of [{}, { headers: { authorization: 'Bearer b' } }])
          same((await refused(world, no(status), options)).status, status)
    },
  },
  {
    name: 'asks afresh at once, without a wait',
    async run(world) {
      const told = await waits(
        world,
        [
          { status: 401, headers: {} },
          { status: 204, headers: {} },
        ],
        0,
        { headers: () => ({}) },
      )
      same([told.waits, told.states.map(({ phase }) => phase)], [[], ['connecting', 'connecting', 'closed']])
    },
  },
  {
    name: 'does not post again what had no ids: it ends, or says that the connection was lost',
    async run(world) {
      const plain = { body: ['data: one\n\n'] }
      const whole = await opened(world, [plain, plain], { body: 'asked' })
      same(await all(whole.connection), ['one'])
      for (const end of ['cut', 'reset'] as const) {
        const lost = await opened(world, [{ body: ['data: one\n\n', { gate: true }], end }, plain], { body: 'asked' })
        const read: unknown[] = []
        const error = await rejection(
          (async () => {
            for await (const { data } of lost.connection) {
              read.push(data)
              await lost.script.release()
            }
          })(),
        )
        same([error.code, read], ['connection-lost', ['one']])
        holds(error.cause instanceof Error, 'it says why')
        same((await lost.script.requests(0)).length, 1)
      }
      same((await whole.script.requests(0)).length, 1)
      // What was never answered has not begun.
      const later = await opened(world, [{ status: 'none', end: 'reset' }, { status: 503, headers: {} }, plain], {
        body: 'asked',
      })
      same(await all(later.connection), ['one'])
      // With an id there is a place to go on after.
      const known = await opened(world, [ONE, { body: ['id: 2\ndata: two\n\n'] }], { body: 'asked' })
      same(await all(known.connection), ['one', 'two'])
      same(
        (await known.script.requests(3)).map(({ method, body }) => method + body),
        Array(3).fill('POSTasked'),
      )
    },
  },
]
