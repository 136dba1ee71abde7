/** What is handed out: typed data, what edge-sse says of the stream, and no id twice between two gaps. */
import { connect, type StandardSchema } from '../../../src/client.ts'
import { holds, rejection, same } from '../assert.ts'
import type { ConnectCase } from '../connect-case.ts'
import { all, next, opened, QUICK } from '../reading.ts'
import type { Answer } from '../script.ts'
import { Scripted } from '../scripted.ts'

/** Takes numbers, and gives them doubled. */
const doubled = (isAsync: boolean): StandardSchema<number> => {
  const validate = (value: unknown): { value: number } | { issues: { message: string }[] } =>
    typeof value === 'number' ? { value: value * 2 } : { issues: [{ message: 'no number' }] }
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => (isAsync ? Promise.resolve(validate(value)) : validate(value)),
    },
  }
}

export const messages: ConnectCase[] = [
  {
    name: 'gives what a schema makes of JSON, and all other data as text',
    async run({ server }) {
      for (const isAsync of [false, true]) {
        const script = await Scripted.play(server, {
          body: ['event: n\ndata: 4\n\ndata: 4\n\nevent: constructor\ndata: 5\n\n'],
        })
        const connection = connect<{ n: number; message: string }>(script.url, {
          ...QUICK,
          schemas: { n: doubled(isAsync) },
        })
        same(await all(connection), [8, '4', '5'])
      }
    },
  },
  {
    name: 'hands out in order to who asks several times at once, across pieces and responses',
    async run({ server }) {
      for (const schemas of [{}, { n: doubled(false) }, { n: doubled(true) }]) {
        const numbers = [...Array(20).keys()]
        const body = numbers.map((n) => `id: ${n + 1}\nevent: n\ndata: ${n}\n\n`)
        const script = await Scripted.play(
          server,
          { body: [body.slice(0, 7).join(''), body.slice(7, 9).join('')] },
          { body: [body.slice(9, 12).join(''), body.slice(12).join('')] },
        )
        const connection = connect(script.url, { ...QUICK, schemas })
        const iterator = connection[Symbol.asyncIterator]()
        const read: unknown[] = []
        for (let asked = 1; read.length < numbers.length; asked++) {
          const at = Math.min(asked, numbers.length - read.length)
          for (const { value } of await Promise.all(Array.from({ length: at }, () => iterator.next())))
            read.push(Number(value?.data))
        }
        same(read, 'n' in schemas ? numbers.map((n) => 2 * n) : numbers)
        same(connection.lastEventId, '20')
        const ends = await Promise.all([iterator.next(), iterator.next()])
        same([ends.map(({ done }) => done), connection.state.phase], [[true, true], 'closed'])
      }
    },
  },
  {
    name: 'gives what parse makes of the text, before its schema',
    async run({ server }) {
      const script = await Scripted.play(server, {
        body: ['event: n\ndata: abc\n\ndata: defg\n\nevent: stream.live\ndata: {}\n\n'],
      })
      const parse = (data: string, event: string): unknown => (event === 'n' ? data.length : `${event} ${data}`)
      const schemas = { n: doubled(false) }
      const connection = connect<{ n: number; message: string }>(script.url, { ...QUICK, parse, schemas })
      same(await all(connection), [6, 'message defg', {}])
    },
  },
  {
    name: 'fails with invalid-message where data is refused, and the cursor stays before it',
    async run({ server }) {
      const issues = [{ message: 'no number' }]
      for (const [data, isAsync, cause] of [
        ['"four"', false, issues],
        ['"four"', true, issues],
        ['no json', false, undefined],
      ] as const) {
        const script = await Scripted.play(server, { body: [`id: 1\ndata: x\n\nid: 2\nevent: n\ndata: ${data}\n\n`] })
        const schemas = { n: doubled(isAsync) }
        const connection = connect<{ n: number; message: string }>(script.url, { ...QUICK, schemas })
        const error = (await rejection(all(connection))) as { code?: string; field?: string; cause?: unknown }
        same(
          [error.code, error.field, connection.lastEventId, connection.state.phase],
          ['invalid-message', 'n', '1', 'closed'],
        )
        if (cause) same(error.cause, cause)
        else holds(error.cause instanceof SyntaxError, 'it says why')
      }
    },
  },
  {
    name: 'gives what edge-sse says of the stream as data, and what only has such a name as text',
    async run(world) {
      const gap = { reason: 'expired', asked: '1', oldest: '5', newest: '9' }
      const said: [string, unknown][] = [
        ['stream.gap', gap],
        ['stream.live', {}],
        ['stream.presence', { subscribers: 3 }],
        ['stream.error', { code: 'producer-failed', message: 'failed' }],
        ['stream.busy', { code: 'rate-limited' }],
        ['stream.end', { reconnect: false }],
      ]
      const body = [said.map(([event, data]) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`).join('')]
      const { script, connection } = await opened(world, [{ body }, { body }])
      const read: unknown[] = []
      for await (const message of connection) read.push([message.event, message.data])
      same(read, said)
      same((await script.requests(0)).length, 1)
      const others = await opened(world, [
        { body: ['event: stream.end\ndata: [x\n\nevent: stream.other\ndata: {}\n\n'] },
      ])
      same(await all(others.connection), ['[x', '{}'])
    },
  },
  {
    name: 'stops on stream.end that says so, and comes back from any other',
    async run(world) {
      for (const [data, attempts] of [
        ['{"reconnect":false}', 1],
        ['{ "reconnect" : false, "more": 1 }', 1],
        ['{"reconnect":true}', 2],
        ['{"reconnect":"false"}', 2],
        ['{}', 2],
        ['null', 2],
        ['false', 2],
      ] as const) {
        const { script, connection } = await opened(world, [
          { body: [`id: ~end\nevent: stream.end\ndata: ${data}\n\n`] },
        ])
        same([(await all(connection)).length, connection.lastEventId], [1, '~end'])
        same((await script.requests(0)).length, attempts, data)
      }
      // Also from one that leaves its stream open.
      const open = await opened(world, [{ body: ['event: stream.end\ndata: {"reconnect":false}\n\n'], end: 'hang' }])
      same([await all(open.connection), await open.script.ending(0)], [[{ reconnect: false }], 'left'])
    },
  },
  {
    name: 'comes back from a server that is busy after what it asks for',
    async run(world) {
      const { connection, states, script } = await opened(world, [
        { body: ['retry: 250\nevent: stream.busy\ndata: {"code":"too-many-connections"}\n\n'] },
        { body: ['data: in\n\n'] },
      ])
      same(await all(connection), [{ code: 'too-many-connections' }, 'in'])
      same([states.find(({ retryAt }) => retryAt)?.attempt, (await script.requests(0)).length], [1, 3])
    },
  },
  {
    name: 'hands out no id twice, from a server that begins anew, until it says that there is a gap',
    async run(world) {
      const upTo = (last: number): string =>
        Array.from({ length: last }, (_, at) => `id: ${at + 1}\ndata: ${at + 1}\n\n`).join('')
      const gap = 'id: 0\nevent: stream.gap\ndata: {}\n\n'
      const { script, connection } = await opened(world, [
        { body: [`${upTo(2)}id: 2\nevent: stream.live\ndata: {}\n\n`] },
        { body: [upTo(3)] },
        { body: [`${upTo(3)}id: 3\nevent: stream.live\ndata: {}\n\ndata: no id\n\ndata: no id\n\n`] },
        { body: [gap, upTo(3)] },
        { body: [upTo(4)] },
      ])
      same(await all(connection), ['1', '2', {}, '3', {}, 'no id', 'no id', {}, '1', '2', '3', '4'])
      same(
        (await script.requests(0)).map(({ headers }) => headers['last-event-id'] ?? null),
        [null, '2', '3', '3', '3', '4'],
      )
    },
  },
  {
    name: 'hands out all of a server that gives an id to several messages: something else is named by it',
    async run(world) {
      const said = (texts: string[]): Answer => ({ body: texts.map((data) => `id: 1\ndata: ${data}\n\n`) })
      const { script, connection } = await opened(world, [said(['a', 'b']), said(['c']), said(['d', 'e'])])
      same(await all(connection), ['a', 'b', 'c', 'd', 'e'])
      same((await script.requests(1))[1]?.headers['last-event-id'], '1')
    },
  },
  {
    name: 'remembers the last 2,000 ids at least, a long one too, and no id that is no id',
    async run(world) {
      const ids = Array.from({ length: 2_500 }, (_, at) => `id: ${at}\ndata: ${at}\n\n`).join('')
      const { connection } = await opened(world, [{ body: [ids] }, { body: [ids.slice(ids.indexOf('id: 500\n'))] }])
      same((await all(connection)).length, 2_500)
      const long = { body: [`id: ${'x'.repeat(4_000)}\ndata: a\n\n`] }
      same(await all((await opened(world, [long, long])).connection), ['a'])
      const empty = await opened(world, [{ body: ['id\ndata: a\n\nid\ndata: b\n\n'] }])
      same(await all(empty.connection), ['a', 'b'])
    },
  },
  {
    name: 'moves its cursor with each message as it is handed out',
    async run(world) {
      const { connection } = await opened(world, [
        { body: ['id: 1\ndata: a\n\nid: 2\n\nid: 3\ndata: c\n\n'], end: 'hang' },
      ])
      const iterator = connection[Symbol.asyncIterator]()
      same((await next(iterator)).id, '1')
      same(connection.lastEventId, '1')
      same((await next(iterator)).id, '3')
      same(connection.lastEventId, '3')
      await connection.close()
    },
  },
]
