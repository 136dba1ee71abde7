/** A room and its readers, and the steps that a schedule is made of. */
import { setImmediate } from 'node:timers/promises'
import { vi } from 'vitest'
import type { Position } from '../../src/rooms/bridge.ts'
import type { From } from '../../src/rooms/room.ts'
import { Referee } from './model-referee.ts'
import { ModelResponse } from './model-response.ts'
import { ModelRoom } from './model-room.ts'
import { memoryStore, sqlStore } from './model-store.ts'

export interface WorldTerms {
  store: 'memory' | 'sql'
  /** Events retained, and their bytes. */
  retention: { events: number; bytes: number }
  budget: number
  /** Bytes of a page. */
  page: number
  /** Where each reader starts. */
  readers: From[]
  /** Whether somebody is live all the while. */
  witnessed: boolean
  /** Kinds of steps that do not happen: what is left is tried the more. */
  off: string[]
}

/** Steps of a settling that is taken for endless. */
const ENDLESS = 5_000

export class ModelWorld {
  readonly room: ModelRoom
  readonly off: Set<string>
  readonly referee: Referee
  readonly #terms: WorldTerms
  readonly #responses: ModelResponse[]
  /** Responses whose client has left: a connection they waited for may still come. */
  readonly #left: ModelResponse[] = []
  /** What each client has read last: it comes back with that, as a browser does. */
  readonly #read: Position[]

  constructor(terms: WorldTerms, reached: Map<string, number>) {
    this.#terms = terms
    this.off = new Set(terms.off)
    this.referee = new Referee(reached)
    this.room = new ModelRoom({ ...terms, store: terms.store === 'sql' ? sqlStore() : memoryStore() }, this.referee)
    this.#read = [...terms.readers]
    this.#responses = terms.readers.map((from) => this.#respond(from))
  }

  /** A reader's response; any number names one. */
  response(reader: number): ModelResponse {
    return this.#responses[reader % this.#responses.length] as ModelResponse
  }

  /** The client reads so many chunks. */
  read(reader: number, chunks = 1): boolean {
    let any = false
    for (let n = 0; n < chunks; n++) {
      const ids = this.response(reader).stream.read()
      if (!ids) break
      any = true
      this.#read[reader % this.#read.length] = ids.at(-1) ?? this.#readBy(reader)
    }
    return any
  }

  /** The client leaves in the middle of a chunk and comes back with its last id, or with the position given. */
  comeBack(reader: number, messages = 0, position?: Position): void {
    const ids = this.response(reader).stream.read()?.slice(0, messages) ?? []
    const back = position ?? ids.at(-1) ?? this.#readBy(reader)
    this.response(reader).leave()
    this.#left.push(this.response(reader))
    this.#read[reader % this.#read.length] = back
    this.#responses[reader % this.#responses.length] = this.#respond(back)
  }

  /** The object is restarted, with its log or with an older copy that lacks the last so many events. */
  restart(lost = 0): void {
    this.referee.reach(lost > 0 ? 'a log that was taken back' : 'an object that is restarted')
    if (lost > 0) this.room.takeBack(Math.max(0, this.room.head - lost))
    else this.room.abort()
    for (const response of [...this.#responses, ...this.#left]) response.cut()
  }

  /** The room hears of a client that has left, or a connection comes after it has. */
  hear(): boolean {
    const [late] = this.#left
    if (late && (late.accept() || late.opened())) return true
    this.#left.shift()
    return late !== undefined || this.room.hear()
  }

  /** Lets everything happen that needs no further turn of the event loop as the room sees it. */
  async step(): Promise<void> {
    await setImmediate()
    vi.advanceTimersByTime(0)
    await setImmediate()
    this.room.check()
    for (const response of this.#responses) response.check()
    this.referee.verdict()
  }

  /** Faults stop, everything arrives, everybody reads: at rest all stand at the head, and go on from there. */
  async settle(): Promise<void> {
    for (let round = 0; round < 3; round++) {
      if (round > 0) for (const size of [1, 2, 3]) this.room.publishers.publish([size])
      await this.#rest()
      // What an ended request left behind goes out with the next publish, not before.
      if (round === 0 && this.#terms.off.includes('evict')) continue
      this.room.checkAtRest(this.#responses.filter(({ over }) => over === undefined).length)
      for (const response of this.#responses) response.checkAtRest()
      if (round === 2) this.room.checkBound()
      this.referee.verdict()
    }
  }

  async #rest(): Promise<void> {
    let steps = 0
    for (let busy = true; busy; ) {
      busy = this.hear() || this.room.busy
      this.room.turn()
      for (const [reader, response] of this.#responses.entries()) {
        if (response.accept() || response.opened() || response.up() || response.down() || this.read(reader)) busy = true
        if (response.over === 'lost') {
          this.comeBack(reader)
          busy = true
        }
      }
      // Last of all, so that who waits for room may hear of it when it is long past.
      if (!busy) for (const response of this.#responses) busy = response.stream.drain() || busy
      await this.step()
      if (++steps > ENDLESS) throw new Error('never comes to rest')
    }
  }

  #readBy(reader: number): Position {
    return this.#read[reader % this.#read.length] as Position
  }

  #respond(position: Position): ModelResponse {
    return new ModelResponse(this.room, this.referee, this.#terms, position)
  }
}
