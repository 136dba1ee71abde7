/**
 * `kill -9` of workerd at random moments under load, and a restart on the same state and port: nothing acknowledged is
 * lost, nothing comes twice, everybody resumes (G2, G4, G5, G9).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { range } from '../e2e/room-client.ts'
import { BusyRoom } from './busy-room.ts'
import { until } from './until.ts'

const KILLS = 20

describe('a room whose workerd is killed', () => {
  let room: BusyRoom

  beforeAll(async () => {
    room = await BusyRoom.open({ readers: 20, publishers: 4 })
  })
  afterAll(() => room.close())

  it(`${KILLS} times loses nothing it acknowledged, repeats nothing, and everybody resumes`, async () => {
    await until('everybody to be live', () => room.readers.every(({ live }) => live))
    for (const round of range(1, KILLS)) {
      room.publish()
      await sleep(100 + Math.random() * 900)
      await room.kill()
      await sleep(Math.random() * 300)
      await room.start()
      await sleep(Math.random() * 500)
      await room.rest(`kill ${round}`)
    }
    // What was meant to happen did: every reader was cut and came back each time.
    for (const { connections } of room.readers) expect(connections).toBeGreaterThan(KILLS)
    expect(room.total('failed')).toBeGreaterThan(0)
  })
})
