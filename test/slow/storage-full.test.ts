/**
 * A disk that is really full: publishes are refused and nobody sees them, what was acknowledged stays, readers stay, and
 * all of it comes once there is room again, or after a restart (G18, G4).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RoomMessage } from '../../src/rooms/room.ts'
import { History } from '../checker/checker.ts'
import { expectSound } from '../checker/expect-sound.ts'
import { exchange, request } from '../e2e/raw-socket.ts'
import { as, expectRefusal } from '../e2e/refusal.ts'
import { history as historyOf, publish, publishAll, range } from '../e2e/room-client.ts'
import { serveWorkerd, type WorkerdServer } from '../workerd-serve.ts'
import { liftLimit, limitedTo, needsLimits } from './limited-disk.ts'
import { progress } from './progress.ts'
import { readLog } from './read-log.ts'
import { ResumingReader } from './resuming-reader.ts'
import { StubbornPublisher } from './stubborn-publisher.ts'
import { until } from './until.ts'

const ROOM = 'full'
const READERS = 5
const PUBLISHERS = 4
/** What one file may hold: some dozens of publishes. */
const KIBIBYTES = 300
/** Milliseconds in which a publish is refused at the latest. */
const SOON = 2_000

describe('a full disk', () => {
  let state: string
  let history: History
  let server: WorkerdServer
  let readers: ResumingReader[]
  let publishers: StubbornPublisher[]

  beforeEach(async () => {
    state = mkdtempSync(join(tmpdir(), 'edge-sse-full-'))
    history = new History()
    server = await serveWorkerd({ state, prefix: limitedTo(KIBIBYTES) })
    readers = range(1, READERS).map((n) => new ResumingReader(server.url, ROOM, `reader ${n}`, history))
    publishers = range(1, PUBLISHERS).map((n) => new StubbornPublisher(server.url, ROOM, `p${n}`, history))
  })
  afterEach(async () => {
    await Promise.all(readers.map((reader) => reader.leave()))
    await server.close()
    rmSync(state, { recursive: true })
  })

  const total = (of: 'acknowledged' | 'failed' | 'duplicates'): number =>
    publishers.reduce((sum, publisher) => sum + publisher[of], 0)

  /** Each publish that fails takes its object down, and what is read from that one breaks off: then from the next. */
  async function readAnyway(): Promise<RoomMessage[]> {
    for (let attempts = 20; attempts > 1; attempts--) {
      const log = await readLog(server.url, ROOM).catch(() => undefined)
      if (log) return log
    }
    return readLog(server.url, ROOM)
  }

  /** Fills the disk with what takes much room, and gives how many events that were. */
  async function fill(): Promise<number> {
    for (let n = 1; n <= 200; n++) {
      const data = { key: `large ${n}`, text: 'x'.repeat(4_000) }
      const record = history.sent({ room: ROOM, key: data.key, messages: [{ data }] })
      try {
        record.acknowledged([(await publish(server.url, ROOM, data, { key: data.key })).id])
      } catch (error) {
        record.failed(error)
        return n - 1
      }
    }
    throw new Error('Cannot fill the disk: everything was acknowledged')
  }

  /** Publishes until nothing is acknowledged any more, and looks at what a full disk is for everybody. */
  async function fillUp(): Promise<void> {
    const large = await fill()
    expect(large).toBeGreaterThan(0)
    for (const publisher of publishers) publisher.start()
    // Each failure lets SQLite tidy up, and then there may be room for one more: until there is none.
    let [acknowledged, failed] = [0, 0]
    await until('nothing to be acknowledged any more', () => {
      if (total('acknowledged') > acknowledged) failed = total('failed')
      acknowledged = total('acknowledged')
      return total('failed') - failed >= 10 * PUBLISHERS
    })
    const log = await readAnyway()
    expect(log.length).toBeGreaterThanOrEqual(large)

    // No publish is taken, each is refused soon, and the log stays as it was.
    for (const n of range(1, 10)) {
      const headers = { 'Content-Type': 'application/json', ...(n % 2 ? { 'Idempotency-Key': `refused ${n}` } : {}) }
      const began = performance.now()
      const refused = await exchange(
        server.port,
        request('POST', `/rooms/${ROOM}/events`, headers, '{"data":"refused"}'),
      )
      expectRefusal(refused, as(503, 'storage-unavailable'))
      expect(refused.headers.get('retry-after')).toBe('1')
      expect(performance.now() - began).toBeLessThan(SOON)
    }
    expect(await readAnyway()).toEqual(log)
    expect(total('acknowledged')).toBe(acknowledged)

    // Who reads has everything that was acknowledged, and nothing else: the checker sees to that in the end.
    const head = log.at(-1)?.id
    await until('readers to have it all', () => readers.every(({ position }) => position === head))
    // Another room has room.
    const others = await publishAll(server.url, 'other', 3)
    expect((await historyOf(server.url, 'other')).map(({ id }) => id)).toEqual(others)
    progress(`full: ${large} large and ${acknowledged} small ones acknowledged, ${total('failed')} refused`)
  }

  /** Publishers get through and stop, readers read to the end, and everything so far is looked at. */
  async function rest(name: string): Promise<void> {
    const before = total('acknowledged')
    await until('publishers to get on', () =>
      publishers.every(({ acknowledged }) => acknowledged > before / PUBLISHERS),
    )
    await Promise.all(publishers.map((publisher) => publisher.stop()))
    const log = await readLog(server.url, ROOM)
    await until('readers to have it all', () => readers.every(({ position }) => position === log.at(-1)?.id))
    history.dumped(ROOM, log, { rest: true })
    expectSound(history, name)
    progress(`${name}: ${total('acknowledged')} acknowledged, ${total('duplicates')} were in the log all the same`)
  }

  it('that has room again: everything comes, once, and no stream was ever cut', async (context) => {
    needsLimits(context)
    await fillUp()
    liftLimit(server.pid)
    await rest('full and lifted')
    for (const { connections, gaps } of readers) expect({ connections, gaps }).toEqual({ connections: 1, gaps: 0 })
  })

  it('and a restart where there is room: everything that was acknowledged is there', async (context) => {
    needsLimits(context)
    await fillUp()
    await server.kill()
    server = await serveWorkerd({ state, port: server.port })
    await rest('full and restarted')
    for (const { gaps } of readers) expect(gaps).toBe(0)
  })
})
