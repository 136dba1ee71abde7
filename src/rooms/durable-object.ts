/**
 * Rooms on Cloudflare: each is one Durable Object with its log in SQLite, which sleeps while nobody speaks. Readers'
 * streams are held by Workers; a hibernatable WebSocket joins the two, because an object that holds a stream itself
 * never sleeps. https://developers.cloudflare.com/durable-objects/best-practices/websockets/
 */
import { DurableObject } from 'cloudflare:workers'
import type { RoomBackend } from './backend.ts'
import { decodeCommand, decodePosition, type Page, type Position, PROTOCOL, UNKNOWN_PROTOCOL } from './bridge.ts'
import { DurableAlarm } from './durable-alarm.ts'
import { agreedBy } from './durable-hooks.ts'
import { logged, type Outcome, outcome, refusal } from './durable-outcome.ts'
import { SocketLink, unknownProtocol, type Who } from './durable-socket.ts'
import { sqlOf } from './durable-sql.ts'
import { RoomEngine } from './engine.ts'
import { eventLoopTurn } from './event-loop-turn.ts'
import type { TextMessage } from './frame.ts'
import type { RoomLimits } from './limits.ts'
import { LocalRooms } from './local-rooms.ts'
import type { PublishTerms, Stored } from './log-keeper.ts'
import { makeRoom } from './make-room.ts'
import { type Producers, workOf } from './producer.ts'
import { type Retention, retentionIn } from './retention.ts'
import type { NewMessage, RoomInfo, Started } from './room.ts'
import type { RunTerms } from './run.ts'
import { SqlLog } from './sql-log.ts'
import { SqlTickets } from './sql-tickets.ts'
import { decodeTicket } from './ticket.ts'

/** Milliseconds that a run may last: as long as the platform lets an alarm work. */
const LONGEST_RUN = 900_000
/** Milliseconds after which a run whose object is gone is ended, when nobody looks before. */
const WATCH = 60_000
/** How a holder closes the socket of a reader that has left. */
const LEFT = 1000

/** A page as it travels: the class stays at home. */
export type PlainPage = Pick<Page, 'from' | 'to' | 'live' | 'blocks'>

/**
 * The object behind a room. Extend it for rules of your own: `onPublish`, `onJoin`, `onLeave`, `retention`, `limits`
 * and `producers` are there for that; nothing else may be overridden. It has no timers and, asleep, costs nothing.
 *
 * @example
 * ```ts
 * import { RoomObject } from 'edge-sse/cloudflare'
 * export class QuietRoom extends RoomObject {
 *   override retention = { events: 100 }
 *   override onPublish({ data }: { data: unknown }): boolean {
 *     return String(data).length < 280
 *   }
 * }
 * ```
 */
export class RoomObject<Env = unknown> extends DurableObject<Env> {
  /** How much the room keeps. */
  retention: Retention = {}

  /** How much the room takes. */
  limits: RoomLimits = {}

  /** What `start` may start here, by name. A run may last 15 minutes. */
  producers: Producers = {}

  /**
   * Sees a message before it is stored, its data as the text that readers would get: `false` refuses it (403
   * `forbidden`), a message takes its place (what it is given cannot be changed). An `SseError` that it throws is the
   * publisher's answer, anything else an `internal-error`; nothing is stored.
   */
  onPublish?(
    message: Readonly<TextMessage>,
    who: Who,
  ): NewMessage | boolean | undefined | Promise<NewMessage | boolean | undefined>
  /** A reader came. A hint, not a ledger: an object that crashed has heard of no leaving. */
  onJoin?(who: Who): void
  /** A reader left. */
  onLeave?(who: Who): void

  #engine: RoomEngine | undefined
  readonly #alarm = new DurableAlarm(this.ctx.storage)
  readonly #links = new Map<WebSocket, SocketLink>()

  /** Made at the first use: `retention` and `limits` of a class that extends this one are not there before. */
  get #room(): RoomEngine {
    if (!this.#engine) {
      for (const socket of this.ctx.getWebSockets()) this.#links.set(socket, new SocketLink(socket))
      const sql = sqlOf(this.ctx.storage)
      this.#engine = new RoomEngine(new SqlLog(sql), eventLoopTurn, {
        retention: retentionIn(this.ctx.id.name ?? '', this.retention),
        limits: this.limits,
        tickets: new SqlTickets(sql),
        links: [...this.#links.values()].map((link) => [link, link.turn]),
        longestRun: LONGEST_RUN,
        remind: (milliseconds) => this.#remind(milliseconds),
      })
      if (this.#engine.due !== undefined) this.#keepAlarm().catch(logged)
    }
    return this.#engine
  }

  /** Accepts a reader's socket, or says why not; the answer is known before the reader's response has begun. */
  override async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url)
    const position = decodePosition(searchParams.get('position') ?? '')
    if (request.headers.get('sec-websocket-protocol') !== PROTOCOL || position === undefined) return unknownProtocol()
    const ticket = searchParams.get('ticket')
    if (this.#room.isRead(position)) return new Response(null, { status: 204 })
    try {
      this.#room.admit(ticket === null ? undefined : decodeTicket(ticket))
    } catch (error) {
      return refusal(error)
    }
    const { 0: client, 1: server } = new WebSocketPair()
    this.ctx.acceptWebSocket(server)
    const link = new SocketLink(server, searchParams.get('subject') ?? '')
    this.#links.set(server, link)
    this.#room.connect(link)
    this.#hint(() => this.onJoin?.(link.who))
    return new Response(null, { status: 101, webSocket: client, headers: { 'sec-websocket-protocol': PROTOCOL } })
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    const command = typeof message === 'string' ? decodeCommand(message) : undefined
    if (!command) return socket.close(UNKNOWN_PROTOCOL, 'unknown command')
    try {
      const room = this.#room // Made now if it slept, which reads the store.
      const link = this.#links.get(socket)
      if (link) room.command(link, command)
      else socket.close(UNKNOWN_PROTOCOL, 'unknown socket')
    } catch (error) {
      // An ask without an answer would wait for ever: its holder comes back, and asks again.
      logged(error)
      socket.close(1011, 'the room failed')
    }
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    const room = this.#room
    const link = this.#links.get(socket)
    if (!link) return
    this.#links.delete(socket)
    room.disconnect(link, code !== LEFT)
    this.#hint(() => this.onLeave?.(link.who))
  }

  override webSocketError(socket: WebSocket): void {
    this.webSocketClose(socket, 1006)
  }

  /** The one alarm: lets go of what is too old, in the end of the room itself. */
  override async alarm(): Promise<void> {
    const milliseconds = this.#room.tidy()
    if (milliseconds !== undefined) this.#remind(milliseconds)
  }

  /** Called by `durableRooms`, as are the six below. */
  publish(messages: TextMessage[], terms: PublishTerms): Promise<Outcome<Stored>> {
    return outcome(async () => {
      const room = this.#room
      const hook = room.isNew(terms) ? this.onPublish?.bind(this) : undefined
      const agreed = hook ? await agreedBy(hook, messages, terms.subject) : messages
      return room.publish(agreed, terms)
    })
  }

  page(position: Position, first: boolean): Promise<Outcome<PlainPage>> {
    return outcome(async () => {
      const { from, to, live, blocks } = this.#room.page(position, first)
      return { from, to, live, blocks }
    })
  }

  start(input: string, terms: RunTerms): Promise<Outcome<Started>> {
    return outcome(async () => {
      const { runs } = this.#room
      const work = workOf(this.producers, terms.producer, input, () => makeRoom(this.ctx.id.name ?? '', this.#local))
      const started = runs.start(terms, work)
      this.ctx.waitUntil(runs.ended(started.run))
      this.#remind(WATCH)
      return started
    })
  }

  stop(run: string): Promise<Outcome<void>> {
    return outcome(async () => this.#room.runs.stop(run))
  }

  info(): Promise<Outcome<RoomInfo | undefined>> {
    return outcome(async () => this.#room.info())
  }

  purge(): Promise<Outcome<void>> {
    return outcome(async () => this.#room.purge())
  }

  close(): Promise<Outcome<void>> {
    return outcome(async () => this.#room.close())
  }

  /** The room as its producers have it. */
  get #local(): RoomBackend {
    return new LocalRooms({ durable: true, open: () => this.#room }).backend('')
  }

  /** While something runs, the alarm sees to it that it does not end in silence, should this object be gone. */
  #remind(milliseconds: number): void {
    this.#alarm.set(this.#engine && this.#engine.runs.count > 0 ? Math.min(milliseconds, WATCH) : milliseconds)
  }

  /** Who wakes the room sees to its alarm. */
  async #keepAlarm(): Promise<void> {
    if (await this.#alarm.isMissing(this.#room)) await this.alarm()
  }

  /** A hook that fails, at once or later, must not take a reader with it. */
  #hint(call: () => void): void {
    Promise.resolve().then(call).catch(logged)
  }
}
