/** Readers and publishers of one room while things go wrong: what each of them sees is written down for the checker. */
import { expect, type Mock, vi } from 'vitest'
import type { Room } from '../../src/rooms/room.ts'
import { assertSound, type ConnectionRecord, History } from '../checker/checker.ts'
import { StreamReader } from './stream-reader.ts'

/** For `vi.waitFor`: long enough for a busy machine, and looking often. */
export const PATIENT = { timeout: 15_000, interval: 5 }

/** A publish that fails so often is not going to succeed. */
const ATTEMPTS = 20

/** A client of the room. */
export class TrafficReader {
  /** The last id it has. */
  position: string | undefined
  /** Names of the messages, `''` for events of the room. */
  readonly events: string[] = []
  /** Set once the stream has ended by itself. */
  ended: Error | undefined
  readonly name: string
  readonly stream: StreamReader
  readonly #record: ConnectionRecord
  #left = false

  constructor(name: string, stream: StreamReader, record: ConnectionRecord, position: string | undefined) {
    this.name = name
    this.position = position
    this.stream = stream
    this.#record = record
  }

  /** Reads the next message, and not more of the stream than it takes. */
  async next(): Promise<void> {
    const [message] = await this.stream.take(1)
    if (!message) return
    this.#record.received(message)
    this.events.push(message.event ?? '')
    this.position = message.id ?? this.position
  }

  /** Reads on, as fast as it comes, until the stream ends or the client leaves. */
  async run(): Promise<void> {
    try {
      for (;;) await this.next()
    } catch (error) {
      if (!this.#left) this.ended = error as Error
    }
  }

  async leave(): Promise<void> {
    this.#left = true
    await this.stream.leave()
    this.#record.disconnected('left')
  }
}

export class Traffic {
  readonly readers: TrafficReader[] = []
  /** Events acknowledged so far, by id. */
  readonly ids: string[] = []
  #joined = 0
  readonly #history = new History()
  readonly #room: Room
  readonly #errors: Mock<typeof console.error>

  constructor(room: Room) {
    this.#room = room
    this.#errors = vi.spyOn(console, 'error')
  }

  /** A client connects, with the id it brings, and reads on by itself unless it is `stalled`. */
  async join(lastEventId?: string, { stalled = false } = {}): Promise<TrafficReader> {
    const reader = await this.#connect(`reader ${++this.#joined}`, lastEventId)
    if (!stalled) void reader.run()
    return reader
  }

  /** A client whose stream has ended comes back with its last id. */
  async comeBack({ name, position }: TrafficReader): Promise<TrafficReader> {
    const reader = await this.#connect(name, position)
    void reader.run()
    return reader
  }

  /** Publishes so many events one after the other, each until it is acknowledged. `size` in characters. */
  async publish(publisher: string, count: number, size = 0): Promise<void> {
    for (let n = 1; n <= count; n++) {
      const key = `${publisher}:${n}`
      await this.#publishOnce(publisher, key, { data: { key, filling: 'x'.repeat(size) } })
    }
  }

  /** While nobody publishes: every reader comes to the head. */
  async arrive(head = this.ids.toSorted(bySeq).at(-1)): Promise<void> {
    await vi.waitFor(() => {
      const behind = this.readers.filter(({ position }) => position !== head)
      expect(behind.map(({ position, ended }) => ended?.message ?? position)).toEqual([])
    }, PATIENT)
  }

  /** While nobody publishes: every reader comes to the head, no stream has ended, and the whole history is sound. */
  async settle(): Promise<void> {
    const lines = await Array.fromAsync(this.#room.read({ after: '0', live: false }))
    await this.arrive(lines.at(-1)?.id)
    this.#history.dumped(this.#room.name, lines, { rest: true })
    assertSound(this.#history)
    expect(this.readers.flatMap(({ ended }) => ended ?? [])).toEqual([])
    // What did not fit was filled from the log, so nobody has missed it: only this says that a rule is broken.
    expect(this.#errors.mock.calls.filter((call) => String(call).includes('bridge-misfit'))).toEqual([])
  }

  async leave(): Promise<void> {
    await Promise.all(this.readers.splice(0).map((reader) => reader.leave()))
  }

  async #publishOnce(publisher: string, key: string, message: { data: unknown }): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const sent = this.#history.sent({ room: this.#room.name, publisher, key, messages: [message] })
      try {
        const { id, duplicate } = await this.#room.publish(message, { key })
        sent.acknowledged([id], duplicate)
        this.ids.push(id)
        return
      } catch (error) {
        sent.failed(error)
        if (attempt === ATTEMPTS) throw error
      }
    }
  }

  /** As an `EventSource`, which is let in while the room cannot be reached. */
  async #connect(name: string, lastEventId?: string): Promise<TrafficReader> {
    const before = this.readers.findIndex((reader) => reader.name === name)
    if (before >= 0) await this.readers.splice(before, 1)[0]?.leave()
    const record = this.#history.connected(this.#room.name, name, lastEventId)
    const headers = { accept: 'text/event-stream', 'last-event-id': lastEventId ?? '' }
    const response = await this.#room.subscribe(new Request('http://localhost/', { headers }))
    const reader = new TrafficReader(name, new StreamReader(response), record, lastEventId)
    this.readers.push(reader)
    return reader
  }
}

const bySeq = (one: string, other: string): number => Number.parseInt(one, 10) - Number.parseInt(other, 10)
