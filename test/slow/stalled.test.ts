/**
 * 500 readers that take nothing beside 100 that do, on one room, through two minutes of steady publishing: memory stays
 * flat, the healthy get everything, and each of the stalled, once awake, gets everything or one gap (G7).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { History } from '../checker/checker.ts'
import { expectSound } from '../checker/expect-sound.ts'
import { inParallel, publish, range } from '../e2e/room-client.ts'
import { serveWorkerd, type WorkerdServer } from '../workerd-serve.ts'
import { type Memory, mebibytes, memoryOf } from './memory.ts'
import { needs } from './needs.ts'
import { percentile } from './percentile.ts'
import { progress } from './progress.ts'
import { readLog } from './read-log.ts'
import { StallableReader } from './stallable-reader.ts'
import { until } from './until.ts'

const HEALTHY = 100
const STALLED = 500
/** Of the stalled, those that stall so late that retention cannot overtake them. */
const LATE = 50
const SECONDS = 120
const PER_SECOND = 20
/** Large enough that the kernel's buffers, 4 MB for each reader, are full before a minute is over. */
const BODY = 8_192
/** More than the kernel takes, less than the room retains. */
const BURST = 800
/** What the stalled may hold in the process: budget and page, 64 KiB each. */
const BOUND = STALLED * 2 * 65_536

describe('a room with stalled readers', () => {
  const history = new History()
  let server: WorkerdServer
  let healthy: StallableReader[]
  let stalled: StallableReader[]
  let published = 0
  /** When each event left, by its key, and how long it took to the healthy ones. */
  const leftAt = new Map<string, number>()
  let delays: number[] = []

  beforeAll(async () => {
    server = await serveWorkerd()
    const open = (name: string) => (n: number) => StallableReader.open(server.url, 'x', `${name} ${n}`, history)
    healthy = await inParallel(range(1, HEALTHY), 20, open('healthy'))
    stalled = await inParallel(range(1, STALLED), 20, open('stalled'))
    for (const reader of healthy)
      reader.onEvent = (data) => delays.push(performance.now() - (leftAt.get(JSON.parse(data).key) ?? 0))
  })

  afterAll(async () => {
    for (const reader of [...healthy, ...stalled]) reader.leave()
    await server.close()
  })

  async function publishOne(): Promise<void> {
    const key = `k${++published}`
    const data = { key, text: 'x'.repeat(BODY) }
    const record = history.sent({ room: 'x', key, messages: [{ data }] })
    leftAt.set(key, performance.now())
    const { id, duplicate } = await publish(server.url, 'x', data, { key })
    record.acknowledged([id], duplicate)
  }

  /** Publishes steadily; gives the memory once a second. */
  async function publishFor(seconds: number, what: string): Promise<Memory[]> {
    const samples: Memory[] = []
    delays = []
    const began = performance.now()
    for (let n = 1; n <= seconds * PER_SECOND; n++) {
      await publishOne()
      await sleep(Math.max(0, (n / PER_SECOND) * 1_000 - (performance.now() - began)))
      if (n % PER_SECOND > 0) continue
      const memory = memoryOf(server.pid)
      if (samples.push(memory) % 10 === 0)
        progress(
          `${what}: ${published} published, workerd ${mebibytes(memory.process)}, sockets ${mebibytes(memory.sockets)}`,
        )
    }
    const [half, most] = [0.5, 0.99].map((share) => percentile(delays, share).toFixed(1))
    progress(`${what}: the healthy had half of all events within ${half} ms, 99 % within ${most} ms`)
    return samples
  }

  const reach = (what: string, readers: StallableReader[], isThere: (reader: StallableReader) => boolean) =>
    until(
      () => `${readers.filter((reader) => !isThere(reader)).length} of ${readers.length} ${what}`,
      () => readers.every(isThere),
      180_000,
    )

  /** By the second minute all buffers are full, and what is full does not grow. */
  function expectFlat(before: Memory[], samples: Memory[]): void {
    const middle = (of: Memory[], part: keyof Memory): number => percentile(of.map((memory) => memory[part]))
    const largest = Math.max(...samples.map((memory) => memory.process)) - middle(before, 'process')
    progress(`process: ${mebibytes(largest)} for the stalled, who may hold ${mebibytes(BOUND)}`)
    expect(largest, 'what the process grew by').toBeLessThan(2 * BOUND)
    for (const part of ['process', 'sockets'] as const) {
      const growth = middle(samples.slice(SECONDS / 2), part) - middle(samples.slice(SECONDS / 4, SECONDS / 2), part)
      progress(`${part}: ${mebibytes(growth)} more in the second minute`)
      expect(growth, `${part} in the second minute`).toBeLessThan(BOUND / 4)
    }
  }

  it('keeps its memory flat, and gives the healthy everything and the stalled everything or one gap', async (context) => {
    needs(context, '/proc (memory of processes and sockets)')
    const before = await publishFor(10, 'nobody stalls')
    const [late, early] = [stalled.slice(0, LATE), stalled.slice(LATE)]
    await reach('to have everything', stalled, ({ events }) => events === published)
    for (const reader of early) reader.stall()
    const samples = await publishFor(SECONDS, `${early.length} stalled`)
    expectFlat(before, samples)
    for (const reader of late) reader.stall()
    for (const _ of range(1, BURST)) await publishOne()
    await reach('healthy readers to have everything', healthy, ({ events }) => events === published)

    progress('the stalled wake')
    const lines = await readLog(server.url, 'x')
    for (const reader of stalled) reader.wake()
    await reach('stalled readers to be at the head', stalled, ({ position }) => position === lines.at(-1)?.id)
    const overtaken = stalled.filter(({ gaps }) => gaps.length > 0)
    const { process, sockets } = memoryOf(server.pid)
    progress(`${stalled.length - overtaken.length} got everything, ${overtaken.length} a gap`)
    progress(`at rest: workerd ${mebibytes(process)}, sockets ${mebibytes(sockets)}`)
    history.dumped('x', lines, { rest: true })
    expectSound(history, 'stalled')

    for (const { gaps } of overtaken) expect(gaps).toEqual(['slow'])
    expect(early.filter(({ gaps }) => gaps.length > 0)).toHaveLength(early.length)
    for (const { gaps } of [...healthy, ...late]) expect(gaps).toEqual([])
  })
})
