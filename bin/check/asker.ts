/** Asks a server what EventSource asks, and counts how often. */
import type { Answer, NoAnswer } from './answer.ts'
import { type Ask, exchange } from './exchange.ts'
import type { Limits } from './limits.ts'

/** Some servers answer nobody who does not say who it is. */
const WHO = { 'user-agent': 'edge-sse-check' }

export interface Asks {
  url: URL
  /** The site whose page asks. */
  origin: string
  /** What the user wants to be sent along, to the origin of `url` alone. */
  headers: Record<string, string[]>
  limits: Limits
  signal: AbortSignal
}

/** The header of who comes back with an id, as UTF-8, of which Node wants each byte as a character. */
export const comingBack = (id: string): Record<string, string> => ({
  'last-event-id': Buffer.from(id, 'utf8').toString('latin1'),
})

/** Sends what EventSource sends, and counts. */
export class Asker {
  requests = 0
  /** Milliseconds that a head may take. */
  timeout: number
  url: URL
  /** It is of the origin that was named: the user's headers may go there. */
  isOwn = true
  readonly #asks: Asks

  constructor(asks: Asks) {
    this.#asks = asks
    this.url = asks.url
    this.timeout = asks.limits.timeout
  }

  get(headers: Record<string, string>, until: Ask['until']): Promise<Answer | NoAnswer> {
    const { headers: own } = this.#asks
    const all = { accept: 'text/event-stream', 'cache-control': 'no-cache', ...(this.isOwn ? own : {}), ...headers }
    return this.#ask('GET', all, (answer, now) => (answer.status === 200 ? until(answer, now) : 0))
  }

  preflight(): Promise<Answer | NoAnswer> {
    const headers = { 'access-control-request-method': 'GET', 'access-control-request-headers': 'last-event-id' }
    return this.#ask('OPTIONS', headers, () => 0)
  }

  #ask(
    method: 'GET' | 'OPTIONS',
    headers: Record<string, string | string[]>,
    until: Ask['until'],
  ): Promise<Answer | NoAnswer> {
    const { origin, signal } = this.#asks
    this.requests++
    const { url, timeout } = this
    return exchange({ method, url, headers: { origin, ...WHO, ...headers }, timeout, until, signal })
  }
}
