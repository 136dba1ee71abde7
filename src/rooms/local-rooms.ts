/** Rooms of this process, whatever keeps their logs: their engines by name, and the way to them by plain calls. */
import { logError } from '../log-line.ts'
import { checkPositive } from '../options.ts'
import type { RoomBackend } from './backend.ts'
import type { Command } from './bridge.ts'
import type { RoomEngine } from './engine.ts'
import type { Connect, Connection, Holder } from './holder.ts'
import { makeRoom } from './make-room.ts'
import { type Producers, workOf } from './producer.ts'

export interface LocalTerms {
  durable: boolean
  /** Bytes that may wait for one reader. Defaults to 262,144. */
  budget?: number | undefined
  /** Makes the engine of a room that is used. */
  open(name: string): RoomEngine
  /** What may be started in a room. Defaults to nothing. */
  producers?: Producers | undefined
  /** Called before a room is used; what it throws is the answer. */
  beforeUse?(): void
}

export class LocalRooms {
  readonly engines: Map<string, RoomEngine> = new Map()
  readonly #holders = new Set<Holder>()
  readonly #terms: LocalTerms
  readonly #budget: number

  constructor(terms: LocalTerms) {
    const { budget = 262_144 } = terms
    checkPositive('make rooms', { budget })
    this.#terms = terms
    this.#budget = budget
  }

  /** An engine is kept while it has something to keep: events, or a reader that waits for the first of them. */
  using<Result>(name: string, use: (engine: RoomEngine) => Result): Result {
    this.#terms.beforeUse?.()
    const engine = this.engines.get(name) ?? this.#terms.open(name)
    try {
      return use(engine)
    } finally {
      this.#keep(name, engine)
    }
  }

  backend(name: string): RoomBackend {
    return {
      durable: this.#terms.durable,
      budget: this.#budget,
      publish: async (messages, terms) => this.using(name, (room) => room.publish(messages, terms)),
      page: async (position, first) => this.using(name, (room) => room.page(position, first)),
      connect: async (admission, holder) => this.using(name, (room) => this.#connect(name, room, admission, holder)),
      start: async (input, terms) => {
        const work = workOf(this.#terms.producers ?? {}, terms.producer, input, () =>
          makeRoom(name, this.backend(name)),
        )
        return this.using(name, (room) => room.runs.start(terms, work))
      },
      stop: async (run) => this.using(name, (room) => room.runs.stop(run)),
      info: async () => this.using(name, (room) => room.info()),
      purge: async () => this.using(name, (room) => room.purge()),
      close: async () => this.using(name, (room) => room.close()),
    }
  }

  /** Sends all readers away, to come back elsewhere or later, and gives up what is at work. */
  leave(): void {
    for (const { runs } of this.engines.values()) runs.abandon()
    for (const holder of this.#holders) holder.disconnected(true)
  }

  #keep(name: string, engine: RoomEngine): void {
    if (engine.inUse) this.engines.set(name, engine)
    else this.engines.delete(name)
  }

  #connect(
    name: string,
    room: RoomEngine,
    { position, ticket }: Parameters<Connect>[0],
    holder: Holder,
  ): Awaited<ReturnType<Connect>> {
    if (room.isRead(position)) return 'read'
    room.admit(ticket)
    room.connect(holder)
    this.#holders.add(holder)
    return new LocalConnection(this, name, room, holder)
  }

  isConnected(holder: Holder): boolean {
    return this.#holders.has(holder)
  }

  disconnect(name: string, room: RoomEngine, holder: Holder): void {
    if (!this.#holders.delete(holder)) return
    room.disconnect(holder)
    this.#keep(name, room)
  }
}

/** Pages come down by plain calls, in the middle of a fan-out; what goes up waits until that is over. */
class LocalConnection implements Connection {
  readonly #rooms: LocalRooms
  readonly #name: string
  readonly #room: RoomEngine
  readonly #holder: Holder

  constructor(rooms: LocalRooms, name: string, room: RoomEngine, holder: Holder) {
    this.#rooms = rooms
    this.#name = name
    this.#room = room
    this.#holder = holder
  }

  send(command: Command): void {
    queueMicrotask(() => this.#command(command))
  }

  close(): void {
    queueMicrotask(() => this.#close())
  }

  #command(command: Command): void {
    if (!this.#rooms.isConnected(this.#holder)) return
    try {
      this.#room.command(this.#holder, command)
    } catch (error) {
      // The log cannot be read just now: an ask without an answer would wait for ever, so its holder comes back.
      logError('storage-unavailable', error)
      this.#close()
      this.#holder.disconnected()
    }
  }

  #close(): void {
    this.#rooms.disconnect(this.#name, this.#room, this.#holder)
  }
}
