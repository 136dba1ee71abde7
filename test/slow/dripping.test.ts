/**
 * Readers that take one byte a second while the room speaks: to it they are hardly better than stalled, and yet their
 * connection never dies. The others notice nothing; once they read again they get everything or one gap (G7).
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { History } from '../checker/checker.ts'
import { expectSound } from '../checker/expect-sound.ts'
import { inParallel, publish, range } from '../e2e/room-client.ts'
import { serveWorkerd, type WorkerdServer } from '../workerd-serve.ts'
import { progress } from './progress.ts'
import { readLog } from './read-log.ts'
import { StallableReader } from './stallable-reader.ts'
import { until } from './until.ts'

const READERS = 20
const BODY = 8_192
const SECONDS = 15
/** What the kernel takes for a reader, and more than that by what the room retains. */
const EVENTS = { retained: 700, overtaken: 2_500 }

describe('readers that take one byte a second', () => {
  let server: WorkerdServer

  beforeAll(async () => {
    server = await serveWorkerd()
  })

  afterAll(() => server.close())

  it.each(['retained', 'overtaken'] as const)('get what is %s, and nobody else notices', async (room) => {
    const history = new History()
    const open = (name: string) => (n: number) => StallableReader.open(server.url, room, `${name} ${n}`, history)
    const dripping = await inParallel(range(1, READERS), 20, open('dripping'))
    const healthy = await inParallel(range(1, 5), 5, open('healthy'))
    const readers = [...dripping, ...healthy]
    try {
      for (const reader of dripping) reader.drip(1_000)
      const began = performance.now()
      for (const n of range(1, EVENTS[room])) {
        const data = { key: `k${n}`, text: 'x'.repeat(BODY) }
        const record = history.sent({ room, key: data.key, messages: [{ data }] })
        const { id, duplicate } = await publish(server.url, room, data, { key: data.key })
        record.acknowledged([id], duplicate)
      }
      const head = (await readLog(server.url, room)).at(-1)?.id
      await until('the healthy to have everything', () => healthy.every(({ position }) => position === head))
      await until('some seconds to pass', () => performance.now() - began > SECONDS * 1_000)
      expect(dripping.filter(({ events }) => events > 0)).toEqual([])

      for (const reader of dripping) reader.wake()
      await until('all to be at the head', () => dripping.every(({ position }) => position === head), 60_000)
      history.dumped(room, await readLog(server.url, room), { rest: true })
      expectSound(history, `dripping-${room}`)
      const gaps = dripping.map((reader) => reader.gaps.join())
      progress(`${EVENTS[room]} published to readers of one byte a second; gaps: ${gaps.join(' ') || 'none'}`)
      expect(new Set(gaps)).toEqual(new Set([room === 'retained' ? '' : 'slow']))
      for (const reader of healthy) expect(reader).toMatchObject({ events: EVENTS[room], gaps: [], ended: undefined })
    } finally {
      for (const reader of readers) reader.leave()
    }
  })
})
