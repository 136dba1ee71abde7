/** A reader whose whole process is stopped (SIGSTOP) while the room speaks: continued, it gets everything or one gap. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ParsedMessage } from '../../src/parse.ts'
import type { RoomMessage } from '../../src/rooms/room.ts'
import { type ConnectionRecord, History } from '../checker/checker.ts'
import { expectSound } from '../checker/expect-sound.ts'
import { publish, range } from '../e2e/room-client.ts'
import { serveWorkerd, type WorkerdServer } from '../workerd-serve.ts'
import { needs } from './needs.ts'
import { progress } from './progress.ts'
import { readLog } from './read-log.ts'
import { until } from './until.ts'

const BODY = 8_192

class ReadingProcess {
  position: string | undefined
  events = 0
  readonly gaps: string[] = []
  readonly #child: ChildProcess
  readonly #record: ConnectionRecord

  constructor(url: string, room: string, record: ConnectionRecord) {
    this.#record = record
    this.#child = spawn(process.execPath, ['test/slow/reading-process.ts', `${url}/rooms/${room}/events`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    if (this.#child.stdout)
      createInterface({ input: this.#child.stdout }).on('line', (line) => this.#received(JSON.parse(line)))
  }

  stop(): void {
    this.#child.kill('SIGSTOP')
  }

  goOn(): void {
    this.#child.kill('SIGCONT')
  }

  async end(): Promise<void> {
    const gone = once(this.#child, 'close')
    this.#child.kill('SIGKILL')
    await gone
    this.#record.disconnected('killed')
  }

  #received(message: ParsedMessage): void {
    this.#record.received(message)
    if (message.id !== undefined) this.position = message.id
    if (message.event === 'stream.gap') this.gaps.push(JSON.parse(message.data).reason)
    else if (!message.event?.startsWith('stream.')) this.events++
  }
}

describe('a reader whose process was stopped', () => {
  let server: WorkerdServer

  beforeAll(async () => {
    server = await serveWorkerd()
  })

  afterAll(() => server.close())

  /** Publishes that many while the process stands still; gives what it had in the end, and what the log has. */
  async function stoppedFor(room: string, count: number): Promise<{ reader: ReadingProcess; lines: RoomMessage[] }> {
    const history = new History()
    const reader = new ReadingProcess(server.url, room, history.connected(room, 'stopped'))
    try {
      await until('it to be live', () => reader.position !== undefined)
      reader.stop()
      for (const n of range(1, count)) {
        const key = `k${n}`
        const data = { key, text: 'x'.repeat(BODY) }
        const record = history.sent({ room, key, messages: [{ data }] })
        const { id, duplicate } = await publish(server.url, room, data, { key })
        record.acknowledged([id], duplicate)
      }
      expect(reader.events).toBe(0)
      reader.goOn()
      const lines = await readLog(server.url, room)
      await until('it to be at the head', () => reader.position === lines.at(-1)?.id)
      progress(`${count} published while it stood still: ${reader.events} came, gaps: ${reader.gaps.join() || 'none'}`)
      history.dumped(room, lines, { rest: true })
      expectSound(history, 'stopped')
      return { reader, lines }
    } finally {
      await reader.end()
    }
  }

  it('gets everything when the room still has it', async (context) => {
    needs(context, 'SIGSTOP (a system of the Unix family)')
    // More than the 4 MB that the kernel holds for it, so that it is fed from the log.
    const { reader } = await stoppedFor('retained', 900)
    expect(reader).toMatchObject({ events: 900, gaps: [] })
  })

  it('gets one gap, then everything retained, when the room has forgotten what it lacks', async (context) => {
    needs(context, 'SIGSTOP (a system of the Unix family)')
    const { reader, lines } = await stoppedFor('overtaken', 3_000)
    expect(reader.gaps).toEqual(['slow'])
    expect(reader.events).toBeGreaterThanOrEqual(lines.length - 1)
    expect(reader.events).toBeLessThan(3_000)
  })
})
