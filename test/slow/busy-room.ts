/**
 * A room on disk with readers that come back and publishers that do not give up, in a server that can be killed and
 * started again on the same state: workerd, or another. All of it is written down, and looked at whenever the room is at rest.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RoomMessage } from '../../src/rooms/room.ts'
import { History } from '../checker/checker.ts'
import { expectSound } from '../checker/expect-sound.ts'
import { range } from '../e2e/room-client.ts'
import type { ServerProcess } from '../serve-process.ts'
import { serveWorkerd } from '../workerd-serve.ts'
import { progress } from './progress.ts'
import { readLog } from './read-log.ts'
import { ResumingReader } from './resuming-reader.ts'
import type { Serve } from './servers.ts'
import { StubbornPublisher } from './stubborn-publisher.ts'
import { until } from './until.ts'

export interface Crew {
  readers: number
  publishers: number
}

export class BusyRoom {
  readonly name = 'x'
  readonly history: History = new History()
  readonly readers: ResumingReader[]
  readonly publishers: StubbornPublisher[]
  server: ServerProcess
  readonly #serve: Serve
  readonly #state: string

  private constructor(server: ServerProcess, serve: Serve, state: string, crew: Crew) {
    this.server = server
    this.#serve = serve
    this.#state = state
    this.readers = range(1, crew.readers).map(
      (n) => new ResumingReader(server.url, this.name, `reader ${n}`, this.history),
    )
    this.publishers = range(1, crew.publishers).map(
      (n) => new StubbornPublisher(server.url, this.name, `p${n}`, this.history),
    )
  }

  /** Its publishers wait to be started. */
  static async open(crew: Crew, options: { prefix?: string[]; serve?: Serve } = {}): Promise<BusyRoom> {
    const { serve = serveWorkerd, ...terms } = options
    const state = mkdtempSync(join(tmpdir(), 'edge-sse-busy-'))
    return new BusyRoom(await serve({ ...terms, state }), serve, state, crew)
  }

  publish(): void {
    for (const publisher of this.publishers) publisher.start()
  }

  /** Resolves when publishers have been acknowledged what they were at, and rest. */
  async quiet(): Promise<void> {
    await Promise.all(this.publishers.map((publisher) => publisher.stop()))
  }

  total(of: 'acknowledged' | 'failed' | 'duplicates'): number {
    return this.publishers.reduce((sum, publisher) => sum + publisher[of], 0)
  }

  /** Each publisher has been acknowledged that often, from now on. */
  async getOn(times: number): Promise<void> {
    const before = this.publishers.map(({ acknowledged }) => acknowledged)
    await until('publishers to get on', () =>
      this.publishers.every(({ acknowledged }, index) => acknowledged >= (before[index] ?? 0) + times),
    )
  }

  /** Resolves when the server is gone, if it was not gone already. */
  kill(): Promise<void> {
    return this.server.kill()
  }

  /** On the same state and port. */
  async start(): Promise<void> {
    this.server = await this.#serve({ state: this.#state, port: this.server.port })
  }

  async restart(): Promise<void> {
    await this.kill()
    await this.start()
  }

  readLog(): Promise<RoomMessage[]> {
    return readLog(this.server.url, this.name)
  }

  /** Publishers stop, readers read to the end, and everything so far is looked at: throws when that is not sound. */
  async rest(title: string): Promise<void> {
    await this.quiet()
    const log = await this.readLog()
    await this.caughtUp(log)
    this.history.dumped(this.name, log, { rest: true })
    expectSound(this.history, title)
    const connections = this.readers.reduce((sum, reader) => sum + reader.connections, 0)
    const gaps = this.readers.reduce((sum, reader) => sum + reader.gaps, 0)
    progress(
      `${title}: ${this.total('acknowledged')} acknowledged, ${this.total('failed')} attempts failed, ` +
        `${this.total('duplicates')} were in the log all the same, ${connections} connections, ${gaps} gaps`,
    )
  }

  /** Resolves when every reader has all of `log`. */
  async caughtUp(log: RoomMessage[]): Promise<void> {
    const head = log.at(-1)?.id
    await until(
      () => `readers at ${head}: ${this.readers.map(({ position, live }) => `${position} ${live}`).join(', ')}`,
      () => this.readers.every(({ position, live }) => live && position === head),
    )
  }

  async close(): Promise<void> {
    await Promise.all([
      ...this.publishers.map((publisher) => publisher.giveUp()),
      ...this.readers.map((reader) => reader.leave()),
    ])
    await this.server.close()
    rmSync(this.#state, { recursive: true })
  }
}
