/**
 * Publishers that flood one room far over what it takes: it takes that much and no more, and says so to the rest, while
 * the readers of another room have each of its few messages at once (G10, G13).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { JWT_SECRET, tokenOf } from '../access/tokens.ts'
import { History } from '../checker/checker.ts'
import { expectSound } from '../checker/expect-sound.ts'
import { inParallel, publish, range } from '../e2e/room-client.ts'
import type { ServerProcess } from '../serve-process.ts'
import { Flooder, type Taken } from './flooder.ts'
import { percentile } from './percentile.ts'
import { progress } from './progress.ts'
import { readLog } from './read-log.ts'
import { servers } from './servers.ts'
import { StallableReader } from './stallable-reader.ts'
import { until } from './until.ts'

const FLOODERS = 16
const READERS = 20
const SECONDS = 10
const PER_SECOND = 5
/** What a room and one subject in it may at once, after a pause. */
const BURST = { room: 5_000, subject: 1_000 }
/** Messages that have to be refused, at least: less is no flood. */
const REFUSED = 1_000
/** Messages a second that the server is told to take. The subject's burst and ten seconds are less than the room's. */
const RATE = { room: 100, subject: 20 }
/** Milliseconds from a publish to the last of its readers: a room that stands still takes longer, a slow one does not. */
const DELAY = 2_000
/** Seconds by which a server's clock may be off ours. */
const CLOCK = 0.5

const floods = [
  {
    who: 'many subjects',
    subjectOf: (n: number) => `eve ${n}`,
    rate: RATE.room,
    burst: BURST.room,
    why: 'Cannot publish: the room takes no more messages just now',
  },
  {
    who: 'one subject',
    subjectOf: () => 'eve',
    rate: RATE.subject,
    burst: BURST.subject,
    why: 'Cannot publish: the room takes no more messages of this subject just now',
  },
]

const authorized = async (sub: string): Promise<Record<string, string>> => {
  const token = await tokenOf({ claims: { sub, rooms: { '*': ['subscribe', 'publish'] } } })
  return { authorization: `Bearer ${token}` }
}

describe.each(servers)('a flooded room on $name', ({ name, serve }) => {
  let state: string
  let server: ServerProcess
  let history: History
  const readers: StallableReader[] = []
  const flooders: Flooder[] = []

  beforeEach(async () => {
    state = mkdtempSync(join(tmpdir(), 'edge-sse-flood-'))
    server = await serve({
      state,
      env: {
        EDGE_SSE_JWT_SECRET: JWT_SECRET,
        EDGE_SSE_MAX_PUBLISHES: String(RATE.room),
        EDGE_SSE_MAX_PUBLISHES_PER_SUBJECT: String(RATE.subject),
      },
    })
    history = new History()
  })
  afterEach(async () => {
    await Promise.allSettled(flooders.splice(0).map((flooder) => flooder.stop()))
    for (const reader of readers.splice(0)) reader.leave()
    await server.close()
    rmSync(state, { recursive: true })
  })

  const read = async (room: string, reader: string): Promise<StallableReader> => {
    const stream = await StallableReader.open(server.url, room, reader, history, await authorized(reader))
    readers.push(stream)
    await until(`${reader} to be live`, () => stream.position !== undefined)
    return stream
  }

  /** Publishes evenly to the quiet room; resolves when all its readers have all of it, with how long each took. */
  async function speak(calm: StallableReader[]): Promise<number[]> {
    const headers = await authorized('calm')
    const leftAt = new Map<string, number>()
    const arrivals = new Map<string, number>()
    const delays: number[] = []
    for (const reader of calm)
      reader.onEvent = (data) => {
        const { key } = JSON.parse(data)
        arrivals.set(key, (arrivals.get(key) ?? 0) + 1)
        if (arrivals.get(key) === calm.length) delays.push(performance.now() - (leftAt.get(key) ?? 0))
      }
    const began = performance.now()
    for (const n of range(1, SECONDS * PER_SECOND)) {
      const key = `k${n}`
      const record = history.sent({ room: 'quiet', key, messages: [{ data: { key } }] })
      leftAt.set(key, performance.now())
      const { id, duplicate } = await publish(server.url, 'quiet', { key }, { key, headers })
      record.acknowledged([id], duplicate)
      await sleep(Math.max(0, (n / PER_SECOND) * 1_000 - (performance.now() - began)))
    }
    await until(
      () => `${calm.filter(({ events }) => events < SECONDS * PER_SECOND).length} readers of the quiet room`,
      () => delays.length === SECONDS * PER_SECOND,
    )
    return delays
  }

  it.each(floods)('by $who takes what its limit allows, and another room hears nothing of it', async (flood) => {
    const calm = await inParallel(range(1, READERS), 5, (n) => read('quiet', `reader ${n}`))
    const witness = await read('flooded', 'witness')
    const heard: string[] = []
    witness.onEvent = (data) => heard.push(data)
    for (const n of range(1, FLOODERS)) {
      const headers = await authorized(flood.subjectOf(n))
      flooders.push(new Flooder(server.url, 'flooded', `flooder ${n}`, history, headers))
    }
    const everyone = [...flooders]
    const began = performance.now()
    for (const flooder of everyone) flooder.start()
    const refused = (): number[] => everyone.map((flooder) => flooder.refused)
    await until('all flooders to be refused', () => refused().every((count) => count > 0))

    const delays = await speak(calm)
    // All of it came while they flooded: they still do.
    const before = refused()
    await until('the flood to go on', () => refused().every((count, index) => count > (before[index] ?? 0)))
    for (const flooder of everyone) await flooder.stop()
    const seconds = (performance.now() - began) / 1_000

    const taken = everyone.flatMap((flooder): Taken[] => flooder.taken).sort((a, b) => a.seq - b.seq)
    const most = flood.burst + flood.rate * (seconds + CLOCK)
    const sent = taken.length + refused().reduce((sum, count) => sum + count)
    const [half, worst] = [percentile(delays), Math.max(...delays)].map((delay) => delay.toFixed(1))
    progress(
      `${name}, ${flood.who}: ${sent} sent in ${seconds.toFixed(1)} s, ${taken.length} of ${most.toFixed(0)} taken`,
    )
    progress(`${name}, ${flood.who}: the other room had half of its messages within ${half} ms, all within ${worst} ms`)
    for (const { refusals } of everyone) expect([...refusals.keys()]).toEqual([flood.why])
    expect(sent - taken.length, 'messages that were refused').toBeGreaterThan(REFUSED)
    expect(taken.length).toBeLessThanOrEqual(most)
    expect(taken.length).toBeGreaterThanOrEqual(flood.burst)

    // What was acknowledged is all there ever was in the room, in one order.
    expect(taken.map(({ seq }) => seq)).toEqual(range(1, taken.length))
    await until('the witness to have it', () => heard.length >= taken.length)
    expect(heard).toEqual(taken.map(({ text }) => text))
    const headers = await authorized('witness')
    for (const room of ['flooded', 'quiet'])
      history.dumped(room, await readLog(server.url, room, headers), { rest: true })
    expectSound(history, 'flood')
    for (const reader of readers) expect(reader).toMatchObject({ gaps: [], ended: undefined })
    expect(Math.max(...delays), 'milliseconds to the last reader').toBeLessThan(DELAY)
  })
})
