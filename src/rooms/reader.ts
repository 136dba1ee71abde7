/**
 * The holder's side of a room: feeds one reader, wherever the room lives. It asks for a page after its position while
 * there is room for one, becomes live when a page reaches what was sent, and is lagging again, fed from the log, as
 * soon as it is over its budget. When the room goes away it comes back with its position, and the reader sees nothing.
 *
 * The rules are numbered in `decisions/001-bridge.md`; they are what a checked model of both sides needs to lose nothing.
 */
import { SseError } from '../errors.ts'
import { sleep } from '../interval.ts'
import { logError } from '../log-line.ts'
import { meter } from '../meter.ts'
import { isCursor, type Page, type Position } from './bridge.ts'
import { dial } from './dial.ts'
import type { Admission, Connect, Connection, Holder, Sink } from './holder.ts'

/** How long a reader's stream stays open without its room, in milliseconds. */
const PATIENCE = 30_000
/** Longest pauses before the first and the last attempts to connect again, in milliseconds. */
const PAUSE = { first: 100, last: 5_000 }

export class Reader implements Holder {
  // What a delivery looks at stands together: for each of many readers it is fetched from memory anew.
  #turn = 0
  #state: 'down' | 'idle' | 'asked' | 'live' | 'ended' = 'down'
  #position: Position
  readonly #sink: Sink
  /** A page came over this connection, so the room is really back; and the reader was told that it is live. */
  #settled = false
  #answered = false
  #told = false
  /** It is counted among those that are behind. */
  #lags = false
  #first = true
  readonly #connect: Connect
  readonly #subject: string
  /** Until it was let in: whoever comes back was let in before. */
  #ticket: Admission['ticket']
  #connection: Connection | undefined
  #pause = PAUSE.first
  /** Ends the wait for a connection, while there is one. */
  #hangUp: (() => void) | undefined
  /** When it has waited for long enough, by `performance.now()`, while the room is away: also one that answers no ask. */
  #deadline: number | undefined

  constructor(connect: Connect, sink: Sink, { position, subject, ticket }: Admission) {
    this.#connect = connect
    this.#sink = sink
    this.#position = position
    this.#subject = subject
    this.#ticket = ticket
  }

  /** Connects for the first time; rejects with what the room refuses. `'read'`: there is nothing more to come. */
  async open(): Promise<'open' | 'read'> {
    if (this.#ended) return 'open'
    try {
      const connection = await this.#dial(PATIENCE)
      if (connection === 'read') return 'read'
      this.#connected(connection)
    } catch (error) {
      if (!this.#ended) throw error
    }
    return 'open'
  }

  /** The reader of the stream has left, or needs no more. */
  leave(): void {
    this.#state = 'ended'
    this.#countLag(false)
    this.#hangUp?.()
    this.#connection?.close()
    this.#connection = undefined
  }

  get #ended(): boolean {
    return this.#state === 'ended'
  }

  receive(turn: number, page: Page): boolean {
    if (turn !== this.#turn || this.#state === 'ended' || this.#state === 'down') return false
    if (page.from !== (isCursor(this.#position) ? this.#position.seq : '-')) {
      logError('bridge-misfit', `A page from ${page.from}`)
      this.#lag()
      return false
    }
    if (this.#state === 'live' && this.#sink.full && page.live !== 2) {
      // Over budget. A page without events (how many read) is not worth falling behind for.
      if (page.to.seq !== page.from) this.#lag()
      return false
    }
    if (page.blocks) this.#sink.put(page)
    if (this.#ended) return false // What was put has ended its stream.
    this.#position = page.to
    if (!this.#settled) this.#settle(page)
    if (this.#ended) return true
    if (page.live === 2) this.#finish()
    else if (page.live === 0) this.#idle()
    else if (this.#state !== 'live') this.#goLive()
    return true
  }

  disconnected(final = false): void {
    if (this.#state === 'ended') return
    if (this.#answered) this.#isBack()
    this.#answered = false
    this.#settled = false
    this.#state = 'down'
    this.#connection = undefined
    if (final) this.#giveUp()
    else void this.#reconnect()
  }

  #settle({ live, to }: Page): void {
    this.#first = false
    this.#answered = true
    if (live > 0 && !this.#told) {
      this.#told = true
      this.#sink.live(to)
    }
    this.#settled = this.#told
  }

  #dial(milliseconds: number): Promise<Connection | 'read'> {
    const admission = { position: this.#position, subject: this.#subject, ticket: this.#ticket }
    const { connection, hangUp } = dial(this.#connect(admission, this), milliseconds)
    this.#hangUp = hangUp
    return connection.finally(() => {
      this.#hangUp = undefined
    })
  }

  #connected(connection: Connection): void {
    if (this.#ended) return connection.close()
    this.#connection = connection
    this.#ticket = undefined
    this.#turn++
    this.#idle()
  }

  #goLive(): void {
    this.#state = 'live'
    this.#countLag(false)
  }

  #idle(): void {
    this.#state = 'idle'
    this.#ask()
  }

  /** Asks for a page if there is room for one, else as soon as there is. A late call finds another state. */
  #ask(): void {
    if (this.#state !== 'idle') return
    if (this.#sink.full) {
      this.#deadline = undefined // It is the reader who takes its time now.
      this.#countLag(true)
      this.#sink.whenDrained(() => this.#ask())
      return
    }
    this.#turn++
    this.#state = 'asked'
    this.#connection?.send({ turn: this.#turn, position: this.#position, first: this.#first })
  }

  #lag(): void {
    this.#turn++
    this.#connection?.send({ turn: this.#turn })
    if (this.#connection) this.#idle() // Else it broke just now, and is on its way back.
  }

  #countLag(lags: boolean): void {
    if (lags !== this.#lags) meter.lagging += lags ? 1 : -1
    this.#lags = lags
  }

  /** What went wrong before does not count any more. */
  #isBack(): void {
    this.#pause = PAUSE.first
    this.#deadline = undefined
  }

  /** Readers of a room that went away come back one by one: each waits a random part of a time that doubles. */
  async #reconnect(): Promise<void> {
    this.#deadline ??= performance.now() + PATIENCE
    while (performance.now() < this.#deadline) {
      const left = new AbortController()
      this.#hangUp = () => left.abort()
      await sleep(Math.random() * this.#pause, left.signal)
      if (this.#ended) return
      this.#pause = Math.min(this.#pause * 2, PAUSE.last)
      let connection: Connection | 'read' | undefined
      try {
        connection = await this.#dial(this.#deadline - performance.now())
      } catch (error) {
        if (error instanceof SseError) break // A refusal: it will not change by asking again.
      }
      if (connection === 'read') return this.#finish()
      if (connection) return this.#connected(connection) // Which closes it for a reader that has left meanwhile.
      if (this.#ended) return
    }
    this.#giveUp()
  }

  #giveUp(): void {
    this.leave()
    this.#sink.lost()
  }

  #finish(): void {
    this.leave()
    this.#sink.finish()
  }
}
