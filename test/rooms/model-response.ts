/** One response of the model: a real `Reader`, whose connection and whose stream are lists that are moved on by hand. */
import type { Command, Page, Position } from '../../src/rooms/bridge.ts'
import type { Cursor } from '../../src/rooms/cursor.ts'
import type { Admission, Connection, Holder, Sink } from '../../src/rooms/holder.ts'
import { Reader } from '../../src/rooms/reader.ts'
import { ModelChannel } from './model-channel.ts'
import { type Due, ModelHolder } from './model-holder.ts'
import type { Referee } from './model-referee.ts'
import type { ModelRoom } from './model-room.ts'
import { ModelStream, type StreamTerms } from './model-stream.ts'

/** A connection that the holder waits for. */
interface Dial {
  position: Position
  holder: Holder
  settle: { resolve(connection: Connection | 'read'): void; reject(error: Error): void }
  /** Once the room has let it in. */
  channel?: ModelChannel
}

export class ModelResponse implements Sink {
  over: 'ended' | 'lost' | 'left' | undefined
  readonly #room: ModelRoom
  readonly #referee: Referee
  readonly #page: number
  readonly #reader: Reader
  #dial: Dial | undefined
  #channel: ModelChannel | undefined
  readonly #holder: ModelHolder
  readonly stream: ModelStream
  #due: Due = {}

  constructor(room: ModelRoom, referee: Referee, terms: StreamTerms, position: Position) {
    this.#room = room
    this.#referee = referee
    this.#page = terms.page
    this.stream = new ModelStream(terms, referee)
    this.#holder = new ModelHolder(room.published, referee, position)
    this.#reader = new Reader((...call) => this.#connect(...call), this, { position, subject: '' })
    this.#reader.open().then(
      (opened) => opened === 'read' && this.finish(),
      () => this.#reader.disconnected(), // As for an `EventSource`: it is let in, and its room looked for meanwhile.
    )
  }

  // What the schedule does.

  /** The room lets the holder in, which does not know it yet. */
  accept(): boolean {
    const dial = this.#dial
    if (!dial || dial.channel) return false
    if (this.#room.engine.isRead(dial.position)) {
      this.#dial = undefined
      this.#due.end = true
      dial.settle.resolve('read')
    } else {
      dial.channel = new ModelChannel(this.#room, this.#referee, dial.holder, this.#page)
      this.#room.connect(dial.channel)
    }
    return true
  }

  /** The holder learns that it was let in. */
  opened(): boolean {
    const { channel, settle } = this.#dial ?? {}
    if (!channel || !settle) return false
    this.#dial = undefined
    this.#channel = channel
    this.#holder.opens()
    settle.resolve({
      send: (command) => this.#sent(channel, command),
      close: () => {
        if (this.#channel === channel) this.#channel = undefined
        this.#room.leave(channel)
      },
    })
    return true
  }

  /** Something on its way up arrives. */
  up(): boolean {
    return this.#channel?.up() ?? false
  }

  /** Something on its way down arrives. */
  down(): boolean {
    const channel = this.#channel
    const arriving = channel?.down()
    if (!channel || !arriving) return false
    this.#due = this.#holder.arrives(arriving, this.full)
    channel.holder.receive(arriving.turn, arriving.page)
    this.#referee.must(Object.keys(this.#due).length === 0, `nothing came of ${Object.keys(this.#due)}`)
    this.#due = {}
    return true
  }

  /** The connection breaks, and the holder learns it; `final` when it need not come back. */
  cut(final = false): boolean {
    const { settle, channel: accepted } = this.#dial ?? {}
    const channel = this.#channel
    if (!settle && !channel) return false
    this.#dial = this.#channel = undefined
    this.#holder.state = 'down'
    for (const each of [accepted, channel]) if (each) this.#room.leave(each)
    settle?.reject(new Error('network lost'))
    channel?.holder.disconnected(final)
    this.#referee.must(!channel || (this.over === 'lost') === final, `over is ${this.over}, final is ${final}`)
    return true
  }

  /** The client leaves. A connection that the holder waited for may still come, and must be closed then. */
  leave(): void {
    this.over ??= 'left'
    this.#reader.leave()
    this.stream.drain()
  }

  /** What holds after every step. */
  check(): void {
    this.stream.check()
    // A reader that lags costs the room nothing but its cursor: nothing is sent that would only be dropped.
    const lags = this.#holder.state === 'idle' && this.#channel?.quiet
    this.#referee.must(!lags || this.#channel?.turn === 0, 'the room takes a lagging reader for live')
  }

  checkAtRest(): void {
    const { must } = this.#referee
    if (this.over === 'ended') return
    must(
      this.#holder.seq === this.#room.head,
      `at ${this.#holder.seq} of ${this.#room.head} at rest, ${this.#holder.state}`,
    )
    must(this.#holder.state === 'live' && this.#holder.told, `${this.#holder.state} at rest`)
    must(this.#channel?.turn === this.#holder.turn, `live under turn ${this.#channel?.turn}, not ${this.#holder.turn}`)
  }

  // What the real reader calls.

  get full(): boolean {
    return this.stream.full
  }

  whenDrained(call: () => void): void {
    this.stream.whenDrained(call)
  }

  put(page: Page): void {
    this.#referee.must(this.#due.take === page, 'a page was taken that is not due')
    delete this.#due.take
    this.stream.take(page)
  }

  live(at: Cursor): void {
    this.#referee.must(this.#due.live === at, `stream.live at ${at.seq} is not due`)
    delete this.#due.live
    this.stream.live(at)
  }

  finish(): void {
    this.#referee.must(this.#due.end === true && this.#room.closed, 'the end is not due')
    this.#referee.must(this.#holder.seq === this.#room.head, `ended at ${this.#holder.seq} of ${this.#room.head}`)
    delete this.#due.end
    this.over = 'ended'
  }

  lost(): void {
    this.over = 'lost'
  }

  #connect({ position }: Admission, holder: Holder): Promise<Connection | 'read'> {
    const { must } = this.#referee
    must(!this.#dial && !this.#channel, 'connected twice')
    must(position === this.#holder.position, 'connected with another position')
    return new Promise((resolve, reject) => {
      this.#dial = { position, holder, settle: { resolve, reject } }
    })
  }

  /** The holder sends a command. */
  #sent(channel: ModelChannel, command: Command): void {
    this.#referee.must(channel === this.#channel, 'sent on a connection that is gone')
    channel.send(command, !this.#holder.taken)
    this.#holder.sends(command, this.#due, this.full)
  }
}
