/**
 * `kill -9` of a server at random moments under load, and a restart on the same state and port: nothing acknowledged is
 * lost, nothing comes twice, everybody resumes (G2, G4, G5, G9).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { range } from '../e2e/room-client.ts'
import { BusyRoom } from './busy-room.ts'
import { servers } from './servers.ts'
import { until } from './until.ts'

/** Where one takes half a second, there are more of them. */
const KILLS: Record<string, number> = { workerd: 20 }
const MANY = 50

describe.each(servers)('a room on disk, on $name', ({ name, serve }) => {
  const kills = KILLS[name] ?? MANY
  let room: BusyRoom

  beforeEach(async () => {
    room = await BusyRoom.open({ readers: 20, publishers: 4 }, { serve })
  })
  afterEach(() => room.close())

  it(`killed ${kills} times loses nothing it acknowledged, repeats nothing, and everybody resumes`, async () => {
    await until('everybody to be live', () => room.readers.every(({ live }) => live))
    for (const round of range(1, kills)) {
      room.publish()
      await sleep(100 + Math.random() * 900)
      await room.kill()
      await sleep(Math.random() * 300)
      await room.start()
      await sleep(Math.random() * 500)
      await room.rest(`${name}, kill ${round}`)
    }
    // What was meant to happen did: every reader was cut and came back each time.
    for (const { connections } of room.readers) expect(connections).toBeGreaterThan(kills)
    expect(room.total('failed')).toBeGreaterThan(0)
  })
})
