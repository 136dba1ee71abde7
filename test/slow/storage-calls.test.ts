/**
 * A system call on the way to disk that fails, and one that is the last of its process: what was acknowledged is in the
 * log, what was not is there once or not at all, and nobody saw what is not there (G4, G5, G18).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { History } from '../checker/checker.ts'
import { expectSound } from '../checker/expect-sound.ts'
import { publish, range } from '../e2e/room-client.ts'
import { serveWorkerd, type WorkerdServer } from '../workerd-serve.ts'
import { progress } from './progress.ts'
import { readLog } from './read-log.ts'
import { ResumingReader } from './resuming-reader.ts'
import { needsStrace, Strace } from './strace.ts'
import { StubbornPublisher } from './stubborn-publisher.ts'
import { until } from './until.ts'

const ROOM = 'x'
const READERS = 10
const PUBLISHERS = 4
const SYNC = 'fsync,fdatasync'
/** For each call, the process dies at the first, the second … that many times. */
const KILLS = 8

describe('a system call', () => {
  let state: string
  let history: History
  let server: WorkerdServer
  let readers: ResumingReader[]
  let publishers: StubbornPublisher[]

  beforeEach(async () => {
    state = mkdtempSync(join(tmpdir(), 'edge-sse-calls-'))
    history = new History()
    server = await serveWorkerd({ state })
    readers = range(1, READERS).map((n) => new ResumingReader(server.url, ROOM, `reader ${n}`, history))
    publishers = range(1, PUBLISHERS).map((n) => new StubbornPublisher(server.url, ROOM, `p${n}`, history))
  })
  afterEach(async () => {
    await Promise.all(publishers.map((publisher) => publisher.stop()))
    await Promise.all(readers.map((reader) => reader.leave()))
    await server.close()
    rmSync(state, { recursive: true })
  })

  const total = (of: 'acknowledged' | 'failed' | 'duplicates'): number =>
    publishers.reduce((sum, publisher) => sum + publisher[of], 0)

  /** Each publisher has been acknowledged that often, from now on. */
  async function getOn(times: number): Promise<void> {
    const before = publishers.map(({ acknowledged }) => acknowledged)
    await until('publishers to get on', () =>
      publishers.every(({ acknowledged }, index) => acknowledged >= (before[index] ?? 0) + times),
    )
  }

  async function restart(): Promise<void> {
    await server.kill()
    server = await serveWorkerd({ state, port: server.port })
  }

  /** Publishers stop, readers read to the end, and everything so far is looked at. */
  async function rest(name: string): Promise<void> {
    await Promise.all(publishers.map((publisher) => publisher.stop()))
    const log = await readLog(server.url, ROOM)
    await until('readers to have it all', () => readers.every(({ position }) => position === log.at(-1)?.id))
    history.dumped(ROOM, log, { rest: true })
    expectSound(history, name)
    progress(
      `${name}: ${total('acknowledged')} acknowledged, ${total('failed')} attempts failed, ` +
        `${total('duplicates')} were in the log all the same`,
    )
  }

  it.for([
    { calls: 'pwrite64', error: 'EIO' },
    { calls: 'pwrite64', error: 'ENOSPC' },
    { calls: `pwrite64,${SYNC}`, error: 'EDQUOT' },
  ])(
    '$calls that fails with $error refuses publishes, and all of it comes later',
    async ({ calls, error }, context) => {
      await needsStrace(context)
      for (const publisher of publishers) publisher.start()
      await getOn(10)
      const strace = await Strace.attach(server.pid, '-e', `inject=${calls}:error=${error}`)
      const failed = total('failed')
      await until('publishers to be refused', () => total('failed') > failed + 5 * PUBLISHERS)
      const acknowledged = total('acknowledged')
      await until('publishers to be refused again', () => total('failed') > failed + 15 * PUBLISHERS)
      expect(total('acknowledged')).toBe(acknowledged)
      await strace.detach()
      await getOn(10)
      await rest(`${calls} ${error}`)
      for (const { connections, gaps } of readers) expect({ connections, gaps }).toEqual({ connections: 1, gaps: 0 })
      // What stood in memory alone would be gone now.
      await restart()
      for (const publisher of publishers) publisher.start()
      await getOn(5)
      await rest(`${calls} ${error}, restarted`)
    },
  )

  it('fsync that fails refuses a publish, which is in the log once or not at all', async (context) => {
    await needsStrace(context)
    for (const publisher of publishers) publisher.start()
    await getOn(10)
    await Promise.all(publishers.map((publisher) => publisher.stop()))
    const strace = await Strace.attach(server.pid, '-e', `inject=${SYNC}:error=EIO`)
    // Every other one with a key: what was written and not synced can be read, and is no answer to the next attempt.
    const attempt = async (n: number): Promise<void> => {
      const key = n % 2 === 0 ? `never synced ${n}` : undefined
      const data = key === undefined ? `never synced ${n}` : { key }
      const record = history.sent({ room: ROOM, key, messages: [{ data }] })
      try {
        const { id, duplicate } = await publish(server.url, ROOM, data, key === undefined ? {} : { key })
        record.acknowledged([id], duplicate)
      } catch (error) {
        record.failed(error)
        throw error
      }
    }
    for (const n of range(1, 20)) await expect(attempt(n)).rejects.toThrow(/^Cannot publish: 503 .*storage-unavailable/)
    await strace.detach()
    for (const n of range(1, 10)) await attempt(2 * n)
    for (const publisher of publishers) publisher.start()
    await getOn(10)
    await rest('fsync EIO')
    await restart()
    for (const publisher of publishers) publisher.start()
    await getOn(5)
    await rest('fsync EIO, restarted')
    for (const { gaps } of readers) expect(gaps).toBe(0)
  })

  it.for([
    { when: 'as it is about to write to disk', call: 'pwrite64' },
    { when: 'as it is about to sync', call: SYNC },
    // The first after a sync is the 201, or what goes to a reader.
    { when: 'as it is about to answer or to deliver', call: 'writev' },
  ])('that is the last, $when, leaves nothing lost and nothing twice', async ({ call }, context) => {
    await needsStrace(context)
    for (const nth of range(1, KILLS)) {
      for (const publisher of publishers) publisher.start()
      await getOn(3)
      const strace = await Strace.attach(server.pid, '-e', `inject=${call}:signal=KILL:when=${nth}`)
      await strace.over()
      await restart()
      await getOn(3)
      await rest(`killed at ${call} ${nth}`)
    }
    for (const { connections, gaps } of readers)
      expect({ more: connections > KILLS, gaps }).toEqual({ more: true, gaps: 0 })
    // Stored, and not answered: it is found by its key.
    if (call === 'writev') expect(total('duplicates')).toBeGreaterThan(0)
  })
})
