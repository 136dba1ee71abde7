/** What waits here while nobody asks, and what is held of a line that never ends. */
import { connect } from '../../../src/client.ts'
import { holds, rejection, same } from '../assert.ts'
import type { ConnectCase } from '../connect-case.ts'
import { all, next, opened, QUICK } from '../reading.ts'
import { Scripted } from '../scripted.ts'

const MEBI = 2 ** 20

export const memory: ConnectCase[] = [
  {
    name: 'holds back a server that floods while its reader takes one message and waits',
    async run({ server, platform }) {
      const block = `data: ${'x'.repeat(1_000)}\n\n`
      const script = await Scripted.play(server, { body: [{ flood: block, total: 1_024 * MEBI }], end: 'hang' })
      const before = platform.memory?.() ?? 0
      const connection = connect(script.url, QUICK)
      const iterator = connection[Symbol.asyncIterator]()
      same((await next(iterator)).data, 'x'.repeat(1_000))
      const taken = await script.full(0)
      holds(taken < platform.flags.readsAhead * MEBI, `${taken} bytes are what may wait`)
      same(taken > 16 * MEBI, platform.flags.readsAhead > 16)
      const grown = (platform.memory?.() ?? 0) - before
      holds(grown < 64 * MEBI, `memory that has grown by ${grown} is flat`)
      for (let read = 0; read < 2_000; read++) same((await next(iterator)).data, 'x'.repeat(1_000))
      await connection.close()
      if (platform.flags.leavesFloods === 'at once') same(await script.ending(0), 'left')
    },
  },
  {
    name: 'fails with buffer-limit on a line of 64 MiB and more, of which it has held no more than the limit',
    async run({ server, platform }) {
      for (const [maxLength, says] of [
        [undefined, '1048576'],
        [MEBI / 4, `${MEBI / 4}`],
      ] as const) {
        const body = ['id: 1\ndata: one\n\ndata: ', { flood: 'x'.repeat(65_536), total: 1_024 * MEBI }]
        const script = await Scripted.play(server, { body, end: 'hang' })
        const before = platform.memory?.() ?? 0
        const connection = connect(script.url, { ...QUICK, ...(maxLength !== undefined && { maxLength }) })
        const read: unknown[] = []
        const error = await rejection(
          (async () => {
            for await (const { data } of connection) read.push(data)
          })(),
        )
        same([error.code, read, connection.state.phase], ['buffer-limit', ['one'], 'closed'])
        holds(error.message.includes(says), 'it says the limit')
        const grown = (platform.memory?.() ?? 0) - before
        holds(grown < 48 * MEBI, `memory that has grown by ${grown} is flat`)
        if (platform.flags.leavesFloods === 'at once') same(await script.ending(0), 'left')
        const taken = await script.full(0)
        holds(taken < platform.flags.readsAhead * MEBI, `${taken} bytes are what may wait`)
        same((await script.requests(0)).length, 1)
      }
    },
  },
  {
    name: 'fails with buffer-limit on a message of many short lines, and counts each message by itself',
    async run(world) {
      const lines = 'data: 456789\n'.repeat(20)
      const { connection } = await opened(world, [{ body: [`data: 1\n\n${lines}\n`] }], { maxLength: 100 })
      const iterator = connection[Symbol.asyncIterator]()
      same((await next(iterator)).data, '1')
      same((await rejection(iterator.next())).code, 'buffer-limit')
      const many = await opened(world, [{ body: ['data: 456789\n\n'.repeat(1_000)] }], { maxLength: 100 })
      same((await all(many.connection)).length, 1_000)
    },
  },
]
