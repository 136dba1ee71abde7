/**
 * A disk that is really full: publishes are refused and nobody sees them, what was acknowledged stays, readers stay, and
 * all of it comes once there is room again, or after a restart (G18, G4).
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RoomMessage } from '../../src/rooms/room.ts'
import { exchange, request } from '../e2e/raw-socket.ts'
import { as, expectRefusal } from '../e2e/refusal.ts'
import { history as historyOf, publish, publishAll, range } from '../e2e/room-client.ts'
import { BusyRoom } from './busy-room.ts'
import { liftLimit, limitedTo, needsLimits } from './limited-disk.ts'
import { progress } from './progress.ts'
import { servers } from './servers.ts'
import { until } from './until.ts'

const PUBLISHERS = 4
/** What one file may hold: some dozens of publishes. */
const KIBIBYTES = 300
/** Milliseconds in which a publish is refused at the latest. */
const SOON = 2_000

describe.each(servers)('a full disk, on $name,', ({ serve, fileEach }) => {
  let room: BusyRoom

  beforeEach(async () => {
    room = await BusyRoom.open({ readers: 5, publishers: PUBLISHERS }, { serve, prefix: limitedTo(KIBIBYTES) })
  })
  afterEach(() => room.close())

  /** Each publish that fails takes its object down, and what is read from that one breaks off: then from the next. */
  async function readAnyway(): Promise<RoomMessage[]> {
    for (let attempts = 20; attempts > 1; attempts--) {
      const log = await room.readLog().catch(() => undefined)
      if (log) return log
    }
    return room.readLog()
  }

  /** Fills the disk with what takes much room, and gives how many events that were. */
  async function fill(): Promise<number> {
    for (let n = 1; n <= 200; n++) {
      const data = { key: `large ${n}`, text: 'x'.repeat(4_000) }
      const record = room.history.sent({ room: room.name, key: data.key, messages: [{ data }] })
      try {
        record.acknowledged([(await publish(room.server.url, room.name, data, { key: data.key })).id])
      } catch (error) {
        record.failed(error)
        return n - 1
      }
    }
    throw new Error('Cannot fill the disk: everything was acknowledged')
  }

  /** Publishes something small without a key. */
  async function fits(): Promise<boolean> {
    const data = `small ${crypto.randomUUID()}`
    const record = room.history.sent({ room: room.name, messages: [{ data }] })
    return publish(room.server.url, room.name, data).then(
      ({ id }) => {
        record.acknowledged([id])
        return true
      },
      (error) => {
        record.failed(error)
        return false
      },
    )
  }

  /** Publishes until nothing is acknowledged any more, and looks at what a full disk is for everybody. */
  async function fillUp(): Promise<void> {
    const large = await fill()
    expect(large).toBeGreaterThan(0)
    room.publish()
    // One without a key takes less, and finds room where others do not.
    for (let refused = 0; refused < 10; ) refused = (await fits()) ? 0 : refused + 1
    // Each failure lets SQLite tidy up, and then there may be room for one more: until there is none.
    let [acknowledged, failed] = [0, 0]
    await until('nothing to be acknowledged any more', () => {
      if (room.total('acknowledged') > acknowledged) failed = room.total('failed')
      acknowledged = room.total('acknowledged')
      return room.total('failed') - failed >= 10 * PUBLISHERS
    })
    const log = await readAnyway()
    expect(log.length).toBeGreaterThanOrEqual(large)

    // No publish is taken, each is refused soon, and the log stays as it was.
    for (const n of range(1, 10)) {
      const headers = { 'Content-Type': 'application/json', ...(n % 2 ? { 'Idempotency-Key': `refused ${n}` } : {}) }
      const began = performance.now()
      const refused = await exchange(
        room.server.port,
        request('POST', `/rooms/${room.name}/events`, headers, '{"data":"refused"}'),
      )
      expectRefusal(refused, as(503, 'storage-unavailable'))
      expect(refused.headers.get('retry-after')).toBe('1')
      expect(performance.now() - began).toBeLessThan(SOON)
    }
    expect(await readAnyway()).toEqual(log)
    expect(room.total('acknowledged')).toBe(acknowledged)

    // Who reads has everything that was acknowledged, and nothing else: the checker sees to that in the end.
    await room.caughtUp(log)
    if (fileEach) {
      // Another room has room.
      const others = await publishAll(room.server.url, 'other', 3)
      expect((await historyOf(room.server.url, 'other')).map(({ id }) => id)).toEqual(others)
    }
    progress(`full: ${large} large and ${acknowledged} small ones acknowledged, ${room.total('failed')} refused`)
  }

  it('that has room again: everything comes, once, and no stream was ever cut', async (context) => {
    needsLimits(context)
    await fillUp()
    liftLimit(room.server.pid)
    await room.getOn(10)
    await room.rest('full and lifted')
    for (const { connections, gaps } of room.readers) expect({ connections, gaps }).toEqual({ connections: 1, gaps: 0 })
  })

  it('and a restart where there is room: everything that was acknowledged is there', async (context) => {
    needsLimits(context)
    await fillUp()
    await room.restart()
    await room.getOn(10)
    await room.rest('full and restarted')
    for (const { gaps } of room.readers) expect(gaps).toBe(0)
  })
})
