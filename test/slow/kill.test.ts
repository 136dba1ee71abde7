/**
 * `kill -9` of workerd at random moments under load, and a restart on the same state and port: nothing acknowledged is
 * lost, nothing comes twice, everybody resumes (G2, G4, G5, G9).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { History } from '../checker/checker.ts'
import { expectSound } from '../checker/expect-sound.ts'
import { range } from '../e2e/room-client.ts'
import { serveWorkerd, type WorkerdServer } from '../workerd-serve.ts'
import { progress } from './progress.ts'
import { readLog } from './read-log.ts'
import { ResumingReader } from './resuming-reader.ts'
import { StubbornPublisher } from './stubborn-publisher.ts'
import { until } from './until.ts'

const KILLS = 20
const READERS = 20
const PUBLISHERS = 4

const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0)

describe('a room whose workerd is killed', () => {
  const state = mkdtempSync(join(tmpdir(), 'edge-sse-kill-'))
  const history = new History()
  let server: WorkerdServer
  let readers: ResumingReader[]
  let publishers: StubbornPublisher[]

  beforeAll(async () => {
    server = await serveWorkerd({ state })
    readers = range(1, READERS).map((n) => new ResumingReader(server.url, 'x', `reader ${n}`, history))
    publishers = range(1, PUBLISHERS).map((n) => new StubbornPublisher(server.url, 'x', `p${n}`, history))
  })

  afterAll(async () => {
    await Promise.all(publishers.map((publisher) => publisher.stop()))
    await Promise.all(readers.map((reader) => reader.leave()))
    await server.close()
    rmSync(state, { recursive: true })
  })

  /** Publishers stop, readers read to the end, and everything so far is looked at. */
  async function rest(): Promise<void> {
    await Promise.all(publishers.map((publisher) => publisher.stop()))
    const lines = await readLog(server.url, 'x')
    const head = lines.at(-1)?.id
    await until(
      () => `readers at ${head}: ${readers.map(({ position, live }) => `${position} ${live}`).join(', ')}`,
      () => readers.every(({ position, live }) => live && position === head),
    )
    history.dumped('x', lines, { rest: true })
    expectSound(history, 'kill')
  }

  it(`${KILLS} times loses nothing it acknowledged, repeats nothing, and everybody resumes`, async () => {
    await until('everybody to be live', () => readers.every(({ live }) => live))
    for (const round of range(1, KILLS)) {
      for (const publisher of publishers) publisher.start()
      await sleep(100 + Math.random() * 900)
      await server.kill()
      await sleep(Math.random() * 300)
      server = await serveWorkerd({ state, port: server.port })
      await sleep(Math.random() * 500)
      await rest()
      progress(
        `kill ${round}: ${sum(publishers.map(({ acknowledged }) => acknowledged))} acknowledged, ` +
          `${sum(publishers.map(({ failed }) => failed))} attempts failed, ` +
          `${sum(publishers.map(({ duplicates }) => duplicates))} were in the log all the same, ` +
          `${sum(readers.map(({ connections }) => connections))} connections, ` +
          `${sum(readers.map(({ gaps }) => gaps))} gaps`,
      )
    }
    // What was meant to happen did: every reader was cut and came back each time.
    for (const { connections } of readers) expect(connections).toBeGreaterThan(KILLS)
    expect(sum(publishers.map(({ failed }) => failed))).toBeGreaterThan(0)
  })
})
