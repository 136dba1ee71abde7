/**
 * A reader as a browser's `EventSource` is one: it waits as long as the server said, comes back with the id it read last,
 * and for good takes anything but an event stream for the end. It writes all of it down.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model
 */
import { type ClientRequest, get, type IncomingMessage } from 'node:http'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import type { ConnectionRecord, History } from '../checker/checker.ts'

/** Milliseconds before it comes back, where no server has said: as in Chromium. */
const UNTOLD = 3_000

export class NativeReader {
  /** The id it read last. */
  position: string | undefined
  /** True while it is connected and was told that its replay is over. */
  live = false
  /** Streams that began, those that only said `stream.busy` too. */
  connections = 0
  busy = 0
  gaps = 0
  /** The answer after which it never came back. */
  stranded: string | undefined
  /** Milliseconds before it comes back. */
  retry = UNTOLD
  readonly #url: string
  readonly #name: string
  readonly #room: string
  readonly #history: History
  #request!: ClientRequest
  #timer: ReturnType<typeof setTimeout> | undefined
  #left = false

  constructor(url: string, room: string, name: string, history: History) {
    this.#url = `${url}/rooms/${room}/events`
    this.#room = room
    this.#name = name
    this.#history = history
    this.#connect()
  }

  /** The network resets its connection; between two of them nothing happens. */
  reset(): void {
    this.#request.socket?.resetAndDestroy()
  }

  /** Closes for good, as a tab does. */
  leave(): void {
    this.#left = true
    clearTimeout(this.#timer)
    this.#request.destroy()
  }

  #connect(): void {
    const record = this.#history.connected(this.#room, this.#name, this.position)
    let over = false
    const end = (how: string): void => {
      if (over) return
      over = true
      this.live = false
      record.disconnected(how)
      if (!this.#left && this.stranded === undefined) this.#timer = setTimeout(() => this.#connect(), this.retry)
    }
    const headers: Record<string, string> = { accept: 'text/event-stream' }
    if (this.position !== undefined) headers['last-event-id'] = this.position
    let response: IncomingMessage | undefined
    this.#request = get(this.#url, { agent: false, headers }, (answer) => {
      response = answer
      this.#read(response, record)
      response.on('error', () => {}).on('close', () => end('the stream ended'))
    })
    // An answer may have bytes left when its request is over.
    this.#request.on('error', () => {}).on('close', () => response ?? end('nobody answered'))
  }

  #read(response: IncomingMessage, record: ConnectionRecord): void {
    const { statusCode, headers } = response
    if (statusCode !== 200 || headers['content-type'] !== 'text/event-stream') {
      this.stranded = `${statusCode} ${headers['content-type']}`
      response.resume()
      return
    }
    this.connections++
    const parser = createParser({
      onEvent: (message) => this.#received(message, record),
      onRetry: (milliseconds) => {
        this.retry = milliseconds
      },
    })
    response.setEncoding('utf8').on('data', (text: string) => parser.feed(text))
  }

  #received(message: EventSourceMessage, record: ConnectionRecord): void {
    const { id, event } = message
    // How many read is told to thousands, thousands of times, and no rule is about it.
    if (event !== 'stream.presence') record.received(message)
    if (id !== undefined) this.position = id
    if (event === 'stream.live') this.live = true
    else if (event === 'stream.gap') this.gaps++
    else if (event === 'stream.busy') this.busy++
  }
}
