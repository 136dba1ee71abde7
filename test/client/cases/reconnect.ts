/** How long is waited between attempts, with a clock that is ours. WPT's eventsource/format-field-retry*, re-derived. */
import { SseError } from '../../../src/errors.ts'
import { holds, same } from '../assert.ts'
import { Clock, NOW } from '../clock.ts'
import type { ConnectCase } from '../connect-case.ts'
import { opened, waits } from '../reading.ts'
import type { Answer } from '../script.ts'

const busy = (count: number): Answer[] => Array.from({ length: count }, () => ({ status: 503, headers: {} }))
const asks = (value: string, status = 429): Answer => ({ status, headers: { 'retry-after': value } })
const says = (...body: string[]): Answer => ({ body })
/** The greatest number that is drawn. */
const MOST = 0.999_999

export const reconnect: ConnectCase[] = [
  {
    name: 'waits twice as long with each failure, with full jitter between the limits',
    async run(world) {
      same((await waits(world, busy(8), 0)).waits, Array(8).fill(500))
      same((await waits(world, busy(8), MOST)).waits, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
      const own = { minDelay: 10, maxDelay: 50 }
      same((await waits(world, busy(4), 0, own)).waits, [10, 10, 10, 10])
      same((await waits(world, busy(4), MOST, own)).waits, [20, 40, 50, 50])
      same((await waits(world, busy(1), 0.5, own)).waits, [15])
    },
  },
  {
    name: 'waits ever longer also where it need not wait at first: twice nothing would be nothing for ever',
    async run(world) {
      for (const minDelay of [0, Number.NaN]) {
        same((await waits(world, busy(6), MOST, { minDelay, maxDelay: 40 })).waits, [2, 4, 8, 16, 32, 40])
        same((await waits(world, [asks('3')], 0, { minDelay })).waits, [3_000])
      }
    },
  },
  {
    name: 'begins anew with the waits once a message came, not for a stream that only opens, or says that it is busy',
    async run(world) {
      const answers = [
        ...busy(2),
        says('data: a\n\n'),
        ...busy(1),
        says(': hello\n\nid: 7\n\n'),
        says('event: stream.busy\ndata: {"code":"x"}\n\n'),
      ]
      const { waits: told, states } = await waits(world, answers, MOST)
      same(told, [1_000, 2_000, 1_000, 2_000, 4_000, 8_000])
      same(
        states.map(({ phase, attempt }) => `${phase} ${attempt}`),
        [
          ...['connecting 0', 'connecting 1', 'connecting 1', 'connecting 2', 'connecting 2', 'live 2', 'live 0'],
          ...['resuming 1', 'resuming 1', 'resuming 2', 'resuming 2', 'live 2', 'resuming 3', 'resuming 3', 'live 3'],
          ...['resuming 4', 'resuming 4', 'closed 0'],
        ],
      )
    },
  },
  {
    name: 'does not take a stream for a failure that holds for long and says nothing',
    async run(world) {
      const quiet = says(': quiet\n\n')
      const { waits: told } = await waits(world, [...busy(3), quiet, quiet, quiet], MOST, {
        async fetch(request: Request) {
          const response = await fetch(request)
          const flush = (): void => {
            Clock.passed += 30_001
          }
          const body = response.body?.pipeThrough(new TransformStream({ flush }))
          return new Response(response.status === 204 ? null : (body ?? null), response)
        },
      })
      same(told, [1_000, 2_000, 4_000, 1_000, 1_000, 1_000])
    },
  },
  {
    name: 'takes the server’s retry for its least wait, from 250 ms to 5 minutes, with jitter',
    async run(world) {
      for (const [retry, least, most] of [
        ['0', 250, 500],
        ['99999999999', 300_000, 450_000],
        ['9'.repeat(400), 300_000, 450_000],
        ['1000', 1_000, 2_000],
        ['20000', 20_000, 30_000],
        ['30000', 30_000, 45_000],
        ['0250', 250, 500],
      ] as const) {
        const answers = [says(`retry: ${retry}\n\ndata: a\n\n`)]
        same((await waits(world, answers, 0)).waits, [least], retry)
        same((await waits(world, answers, MOST)).waits, [most], retry)
      }
    },
  },
  {
    name: 'passes over a retry that is none, and keeps the last one for all attempts that follow',
    async run(world) {
      for (const retry of ['', ' ', '-1', '1e3', '10.5', '1000x', '+5', '٣'])
        same((await waits(world, [says(`retry:${retry}\n\ndata: a\n\n`)], 0)).waits, [500], retry)
      const { waits: told } = await waits(
        world,
        [says('retry:2000\nretry:3000\ndata: a\n\n'), ...busy(1), says('data: b\n\n')],
        0,
      )
      same(told, [3_000, 3_000, 3_000])
    },
  },
  {
    name: 'waits as long as Retry-After says, in seconds or to a date, and longer by at most a half',
    async run(world) {
      const at = (milliseconds: number): string => new Date(NOW + milliseconds).toUTCString()
      for (const [value, least, most] of [
        ['7', 7_000, 14_000],
        ['120', 120_000, 180_000],
        [at(60_000), 60_000, 90_000],
        [at(-60_000), 500, 1_000],
        ['0', 500, 1_000],
        ['soon', 500, 1_000],
        ['-5', 500, 1_000],
      ] as const)
        for (const status of [429, 503]) {
          same((await waits(world, [asks(value, status)], 0)).waits, [least], value)
          same((await waits(world, [asks(value, status)], MOST)).waits, [most], value)
        }
      same((await waits(world, [says('retry: 9000\n\ndata: a\n\n'), asks('2')], 0)).waits, [9_000, 9_000])
    },
  },
  {
    name: 'waits as long as what a function for headers or ticket throws says, also where that is an SseError',
    async run(world) {
      for (const name of ['headers', 'ticket'] as const)
        for (const [error, wait] of [
          [new SseError('rate-limited', 'Cannot fetch ticket: too many', { retryAfter: 7 }), 7_000],
          [Object.assign(new Error('busy'), { retryAfter: 8 }), 8_000],
          [Object.assign(new Error('busy'), { retryAfter: 'soon' }), 500],
          [null, 500],
        ] as const) {
          let isFirst = true
          const busyOnce = (): never => {
            if (!isFirst) return (name === 'ticket' ? 'good' : {}) as never
            isFirst = false
            throw error
          }
          same((await waits(world, [], 0, { [name]: busyOnce })).waits, [wait], `${name} ${error}`)
        }
    },
  },
  {
    name: 'waits a day at most, where a timer of years would fire at once',
    async run(world) {
      for (const value of ['86401', '31536000000', '9'.repeat(400), new Date(NOW + 1e13).toUTCString()])
        for (const luck of [0, MOST]) {
          const [wait = 0] = (await waits(world, [asks(value)], luck)).waits
          same(wait, 86_400_000, value)
        }
      const [wait = 0] = (await waits(world, busy(1), MOST, { minDelay: 2 ** 40, maxDelay: Number.POSITIVE_INFINITY }))
        .waits
      same(wait, 86_400_000)
    },
  },
  {
    name: 'comes back in jittered moments: no two of many clients at the same one',
    async run(world) {
      const { random } = Math
      const seen = new Set<number>()
      for (let n = 0; n < 8; n++) {
        const [wait = 0] = (await waits(world, [says('retry: 60000\n\ndata: a\n\n')], random())).waits
        holds(wait >= 60_000 && wait <= 90_000, `${wait} lies between the limits`)
        seen.add(wait)
      }
      holds(seen.size > 4, 'they differ')
    },
  },
  {
    name: 'tells when it dials again, and why',
    async run(world) {
      const { states } = await waits(world, [...busy(1), says('data: a\n\n')], 0)
      same(
        states.map(({ phase, retryAt, error }) => [
          phase,
          retryAt ?? null,
          (error as { status?: number })?.status ?? null,
        ]),
        [
          ['connecting', null, null],
          ['connecting', NOW + 500, 503],
          ['connecting', null, null],
          ['live', null, null],
          ['live', null, null],
          ['resuming', NOW + 500, null],
          ['resuming', null, null],
          ['closed', null, null],
        ],
      )
    },
  },
  {
    name: 'goes on after the last id, however the stream broke off',
    async run(world) {
      const half = 'id: 2\ndata: lost'
      for (const end of ['fin', 'cut', 'reset'] as const) {
        const { script, connection } = await opened(world, [
          { body: ['id: 1\ndata: one\n\n', { gate: true }, half], end },
          { body: ['id: 2\ndata: two\n\n', { gate: true }], end },
          { status: 'none', end: end === 'fin' ? 'cut' : end },
          { body: [': nothing new\n\n'], end },
          { body: ['id: 3\ndata: three\n\n'] },
        ])
        const read: unknown[] = []
        for await (const { data } of connection) {
          read.push(data)
          if (read.length < 3) await script.release()
        }
        same(read, ['one', 'two', 'three'], end)
        same(
          (await script.requests(6)).map(({ headers }) => headers['last-event-id'] ?? null),
          [null, '1', '2', '2', '2', '3'],
        )
        same(connection.lastEventId, '3')
      }
    },
  },
]
