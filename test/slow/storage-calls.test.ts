/**
 * A system call on the way to disk that fails, and one that is the last of its process: what was acknowledged is in the
 * log, what was not is there once or not at all, and nobody saw what is not there (G4, G5, G18).
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { publish, range } from '../e2e/room-client.ts'
import { BusyRoom } from './busy-room.ts'
import { servers } from './servers.ts'
import { needsStrace, Strace } from './strace.ts'
import { until } from './until.ts'

const PUBLISHERS = 4
const SYNC = 'fsync,fdatasync'
/** What may answer and deliver, and wakes threads up, too. */
const SENDS = 'write,writev,sendto,sendmsg'
/** For each call, the process dies at the first, the second … that many times. */
const KILLS = 8

describe.each(servers)('a system call, on $name,', ({ name, serve, sends }) => {
  let room: BusyRoom

  beforeEach(async () => {
    room = await BusyRoom.open({ readers: 10, publishers: PUBLISHERS }, { serve })
  })
  afterEach(() => room.close())

  it.for([
    { calls: 'pwrite64', error: 'EIO' },
    { calls: 'pwrite64', error: 'ENOSPC' },
    { calls: `pwrite64,${SYNC}`, error: 'EDQUOT' },
  ])(
    '$calls that fails with $error refuses publishes, and all of it comes later',
    async ({ calls, error }, context) => {
      await needsStrace(context)
      room.publish()
      await room.getOn(10)
      const strace = await Strace.attach(room.server.pid, '-e', `inject=${calls}:error=${error}`)
      const failed = room.total('failed')
      await until('publishers to be refused', () => room.total('failed') > failed + 5 * PUBLISHERS)
      const acknowledged = room.total('acknowledged')
      await until('publishers to be refused again', () => room.total('failed') > failed + 15 * PUBLISHERS)
      expect(room.total('acknowledged')).toBe(acknowledged)
      await strace.detach()
      await room.getOn(10)
      await room.rest(`${name}, ${calls} ${error}`)
      for (const { connections, gaps } of room.readers)
        expect({ connections, gaps }).toEqual({ connections: 1, gaps: 0 })
      // What stood in memory alone would be gone now.
      await room.restart()
      room.publish()
      await room.getOn(5)
      await room.rest(`${name}, ${calls} ${error}, restarted`)
    },
  )

  it('fsync that fails refuses a publish, which is in the log once or not at all', async (context) => {
    await needsStrace(context)
    room.publish()
    await room.getOn(10)
    await room.quiet()
    const strace = await Strace.attach(room.server.pid, '-e', `inject=${SYNC}:error=EIO`)
    // Every other one with a key: what was written and not synced can be read, and is no answer to the next attempt.
    const attempt = async (n: number): Promise<void> => {
      const key = n % 2 === 0 ? `never synced ${n}` : undefined
      const data = key === undefined ? `never synced ${n}` : { key }
      const record = room.history.sent({ room: room.name, key, messages: [{ data }] })
      try {
        const { id, duplicate } = await publish(room.server.url, room.name, data, key === undefined ? {} : { key })
        record.acknowledged([id], duplicate)
      } catch (error) {
        record.failed(error)
        throw error
      }
    }
    for (const n of range(1, 20)) await expect(attempt(n)).rejects.toThrow(/^Cannot publish: 503 .*storage-unavailable/)
    await strace.detach()
    for (const n of range(1, 10)) await attempt(2 * n)
    room.publish()
    await room.getOn(10)
    await room.rest(`${name}, fsync EIO`)
    await room.restart()
    room.publish()
    await room.getOn(5)
    await room.rest(`${name}, fsync EIO, restarted`)
    for (const { gaps } of room.readers) expect(gaps).toBe(0)
  })

  it.for([
    { when: 'as it is about to write to disk', call: 'pwrite64' },
    { when: 'as it is about to sync', call: SYNC },
    // The first after a sync is the 201, or what goes to a reader.
    { when: 'as it is about to answer or to deliver', call: sends ?? SENDS },
  ])('that is the last, $when, leaves nothing lost and nothing twice', async ({ call }, context) => {
    await needsStrace(context)
    for (const nth of range(1, KILLS)) {
      room.publish()
      await room.getOn(3)
      const strace = await Strace.attach(room.server.pid, '-e', `inject=${call}:signal=KILL:when=${nth}`)
      await strace.over()
      await room.restart()
      await room.getOn(3)
      await room.rest(`${name}, killed at ${call} ${nth}`)
    }
    for (const { connections, gaps } of room.readers)
      expect({ more: connections > KILLS, gaps }).toEqual({ more: true, gaps: 0 })
    // Stored, and not answered: it is found by its key.
    if (call === sends) expect(room.total('duplicates')).toBeGreaterThan(0)
  })
})
