/** A server that has fallen silent: counted in its heartbeats, and only while somebody waits for it. */
import { connect } from '../../../src/client.ts'
import { same, until } from '../assert.ts'
import { withClock } from '../clock.ts'
import type { ConnectCase } from '../connect-case.ts'
import { all, next, opened, QUICK } from '../reading.ts'
import type { Answer, Piece } from '../script.ts'
import { Scripted } from '../scripted.ts'

const silent = (...body: Piece[]): Answer => ({ body, end: 'hang' })
const AFTER = { body: ['id: 2\ndata: two\n\n'] }
/** Two and a half times what a server of 15 seconds is given. */
const PATIENCE = 37_500

export const watchdog: ConnectCase[] = [
  {
    name: 'gives up a server that misses two heartbeats and a half, and goes on elsewhere after the last id',
    async run(world) {
      const { script, connection, states } = await opened(world, [
        silent(': heartbeat=15\n\nid: 1\ndata: one\n\n'),
        AFTER,
      ])
      await withClock(0, async (clock) => {
        const iterator = connection[Symbol.asyncIterator]()
        same((await next(iterator)).data, 'one')
        const two = next(iterator)
        await clock.fire(PATIENCE)
        same((await two).data, 'two')
        same([await script.ending(0), (await script.requests(2))[1]?.headers['last-event-id']], ['left', '1'])
        same(
          states.map(({ phase, error }) => [phase, (error as { code?: string })?.code ?? null]),
          [
            ...[
              ['connecting', null],
              ['live', null],
              ['stalled', 'connection-lost'],
              ['resuming', null],
            ],
            ...[
              ['live', null],
              ['live', null],
            ],
          ],
        )
      })
      await connection.close()
    },
  },
  {
    name: 'counts no silence while nobody waits for a message, and begins anew with each byte',
    async run({ server }) {
      const body = [
        ': heartbeat=15\n\ndata: one\n\n',
        { gate: true } as const,
        ': beat\n\n',
        { gate: true } as const,
        'data: two\n\n',
      ]
      const script = await Scripted.play(server, silent(...body))
      await withClock(0, async (clock) => {
        const connection = connect(script.url, QUICK)
        const iterator = connection[Symbol.asyncIterator]()
        await next(iterator)
        same(clock.running(PATIENCE), 0, 'the timers while the consumer works')
        const two = next(iterator)
        await until(() => clock.running(PATIENCE) === 1, 'silence is counted')
        const first = clock.started(PATIENCE)
        await script.release()
        await until(() => clock.started(PATIENCE) > first && clock.running(PATIENCE) === 1, 'it is counted anew')
        await script.release()
        same((await two).data, 'two')
        same(clock.running(PATIENCE), 0, 'the timers while the consumer works')
        await connection.close()
      })
    },
  },
  {
    name: 'lets a server be silent that has said no heartbeat, or one of 0, unless it is told one',
    async run({ server }) {
      for (const [comment, heartbeat, expected] of [
        ['hello', undefined, []],
        ['heartbeat=0', 15_000, []],
        ['heartbeat=x', 15_000, [PATIENCE]],
        ['heartbeat= 1', 15_000, [PATIENCE]],
        ['hello', 15_000, [PATIENCE]],
        ['heartbeat=20', 15_000, [50_000]],
        ['heartbeat=0.5', undefined, [1_250]],
        ['heartbeat=0.001', undefined, [250]],
        ['heartbeat=99999999', undefined, [86_400_000]],
        ['heartbeat=2147483.647', undefined, [86_400_000]],
        [`heartbeat=${'9'.repeat(400)}`, undefined, [86_400_000]],
      ] as const) {
        const script = await Scripted.play(
          server,
          silent(`: ${comment}\n\ndata: one\n\n`, { gate: true }, ': more\n\n'),
        )
        await withClock(0, async (clock) => {
          const connection = connect(script.url, { ...QUICK, ...(heartbeat !== undefined && { heartbeat }) })
          const iterator = connection[Symbol.asyncIterator]()
          await next(iterator)
          const before = clock.all()
          const two = iterator.next()
          for (const each of expected)
            await until(() => clock.running(each) === 1, `${each} ms are counted: ${comment}`)
          if (expected.length === 0)
            same(
              clock.all().filter((each) => !before.includes(each) && each > 1_000),
              [],
            )
          await connection.close()
          same((await two).done, true)
        })
      }
    },
  },
  {
    name: 'gives up a server that does not answer, after ten seconds at least',
    async run({ server }) {
      for (const [heartbeat, patience] of [
        [500, 10_000],
        [15_000, PATIENCE],
      ] as const) {
        const script = await Scripted.play(server, { status: 'none', end: 'hang' }, AFTER)
        await withClock(0, async (clock) => {
          const phases: string[] = []
          const connection = connect(script.url, {
            ...QUICK,
            heartbeat,
            onState: ({ phase }) => void phases.push(phase),
          })
          const data = all(connection)
          await script.requests(1)
          await clock.fire(patience)
          same(await data, ['two'])
          same([phases.slice(0, 3), await script.ending(0)], [['connecting', 'stalled', 'connecting'], 'left'])
        })
      }
    },
  },
  {
    name: 'keeps the heartbeat of a server for the attempt after it',
    async run({ server }) {
      const script = await Scripted.play(
        server,
        { body: [': heartbeat=15\n\ndata: one\n\n'] },
        { status: 'none', end: 'hang' },
        AFTER,
      )
      await withClock(0, async (clock) => {
        const connection = connect(script.url, QUICK)
        const data = all(connection)
        await script.requests(2)
        await clock.fire(PATIENCE)
        same(await data, ['one', 'two'])
      })
    },
  },
  {
    name: 'says that the connection was lost where what was posted falls silent without ids',
    async run(world) {
      const { script, connection } = await opened(world, [silent(': heartbeat=15\n\ndata: one\n\n'), AFTER], {
        body: 'asked',
      })
      await withClock(0, async (clock) => {
        const ended = all(connection).catch(({ code, cause }) => [code, cause.code])
        await until(() => clock.running(PATIENCE) === 1 && connection.state.phase === 'live', 'silence is counted')
        await clock.fire(PATIENCE)
        same(await ended, ['connection-lost', 'connection-lost'])
      })
      same((await script.requests(0)).length, 1)
    },
  },
]
