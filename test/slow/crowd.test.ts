/**
 * Thousands of readers in one room who are cut all at once, by the network or by the end of the server, and more of them
 * than the server takes: each comes back, has everything, and none is told anything that `EventSource` dies of (G2, G9, G13).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { range } from '../e2e/room-client.ts'
import type { ServerProcess } from '../serve-process.ts'
import { Crowd } from './crowd.ts'
import { mebibytes, memoryOf } from './memory.ts'
import { needs } from './needs.ts'
import { progress } from './progress.ts'
import { servers } from './servers.ts'
import { until } from './until.ts'

const READERS = 5_000
const RESETS = 4
/** Events that come while they are there, before each drop, and while they are on their way back. */
const EVENTS = 5
/**
 * Crowds, beside the one that is there, whose memory a runtime may not have given back yet, and bytes for itself: it takes
 * its time. Had each drop left more than half of a crowd behind, it would be more.
 */
const KEPT = 2
const ALLOWANCE = 32 * 2 ** 20

/** Of a server that takes fewer than come. */
const MANY = 3_000
const PLACES = 2_500
/** Of those inside: all others fit then, and one who reads the log. */
const LEAVE = MANY - PLACES + 1

describe.each(servers)('a crowd on $name', ({ name, serve }) => {
  let state: string
  let server: ServerProcess
  let crowd: Crowd | undefined

  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), 'edge-sse-crowd-'))
  })
  afterEach(async () => {
    await crowd?.close()
    crowd = undefined
    await server?.close()
    rmSync(state, { recursive: true })
  })

  const start = async (streams: number, port?: number): Promise<void> => {
    const most = String(streams)
    const env = { EDGE_SSE_MAX_STREAMS: most, EDGE_SSE_MAX_STREAMS_PER_ADDRESS: most }
    server = await serve({ state, env, ...(port !== undefined && { port }) })
  }

  const gather = async (): Promise<Crowd> => {
    crowd = await Crowd.gather(server)
    crowd.publisher.start()
    return crowd
  }

  it(`of ${READERS} that is cut at once comes back whole, ${RESETS} times and after a kill`, async (context) => {
    needs(context, '/proc (memory of processes and sockets)', 'way to have 6,000 files open (ulimit -n)')
    await start(2 * READERS)
    const empty = memoryOf(server.pid).process
    const all = await gather()
    const { publisher, readers } = all
    await all.come(READERS)

    const backAfter = async (title: string, cut: () => Promise<void>): Promise<number> => {
      await all.publishes(EVENTS)
      const before = new Map(readers.map((reader) => [reader, reader.connections]))
      const began = performance.now()
      await cut()
      await all.every('to be back', (reader) => reader.live && reader.connections > (before.get(reader) ?? 0))
      const seconds = ((performance.now() - began) / 1_000).toFixed(1)
      await all.publishes(EVENTS)
      await all.rest(`${name}, ${title}`)
      const memory = memoryOf(server.pid).process
      progress(`${name}, ${title}: all ${READERS} were back in ${seconds} s, the server has ${mebibytes(memory)}`)
      return memory
    }

    await all.publishes(EVENTS)
    await all.rest(`${name}, all are there`)
    const full = memoryOf(server.pid).process
    const bound = full + KEPT * (full - empty) + ALLOWANCE
    progress(
      `${name}: ${mebibytes(empty)} alone, ${mebibytes(full)} with ${READERS} readers, bound ${mebibytes(bound)}`,
    )
    for (const round of range(1, RESETS)) {
      const memory = await backAfter(`reset ${round}`, async () => {
        for (const reader of readers) reader.reset()
      })
      expect(memory, 'bytes of the server').toBeLessThan(bound)
    }
    const again = await backAfter('killed', async () => {
      await server.kill()
      await start(2 * READERS, server.port)
    })
    expect(again, 'bytes of the server that was started again').toBeLessThan(bound)
    for (const reader of readers) expect(reader).toMatchObject({ stranded: undefined, gaps: 0, busy: 0 })
    progress(`${name}: ${publisher.acknowledged} published, ${publisher.failed} attempts failed`)
  })

  it(`of ${MANY} where ${PLACES} fit is served in the end, nobody is sent away for good`, async (context) => {
    needs(context, 'way to have 6,000 files open (ulimit -n)')
    await start(PLACES)
    const all = await gather()
    const { readers } = all
    await all.come(MANY)
    await until('all places to be taken', () => all.live === PLACES)
    const inside = readers.filter(({ live }) => live)
    const outside = readers.filter(({ live }) => !live)
    await all.every('to have been sent away twice', ({ busy }) => busy >= 2, outside)
    expect(all.live).toBe(PLACES)
    expect(Math.max(...inside.map(({ busy }) => busy))).toBe(0)
    const retries = outside.map(({ retry }) => retry)
    progress(
      `${name}: ${inside.length} inside, ${outside.length} come back in ${Math.min(...retries)} to ${Math.max(...retries)} ms`,
    )
    // Whoever can read a problem gets one.
    const headers = { accept: 'text/event-stream, */*;q=0.1' }
    const refused = await fetch(`${server.url}/rooms/x/events`, { headers })
    expect(refused.status).toBe(503)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(await refused.json()).toMatchObject({ type: '/problems/overloaded' })

    for (const reader of inside.slice(0, LEAVE)) reader.leave()
    await all.every('to be let in', ({ live }) => live, outside)
    await all.publishes(EVENTS)
    await all.rest(`${name}, all were served`, [...outside, ...inside.slice(LEAVE)])
    for (const reader of readers) expect(reader).toMatchObject({ stranded: undefined, gaps: 0 })
    progress(
      `${name}: all were let in after at most ${Math.max(...outside.map(({ busy }) => busy))} times of being busy`,
    )
  })
})
