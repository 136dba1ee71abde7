import type { ConnectionState } from './connection-state.ts'
import type { Fetch } from './dial.ts'

/** Not `HeadersInit`: Node's types have no such name. */
type HeadersLike = NonNullable<ConstructorParameters<typeof Headers>[0]>

/** How a stream is asked for, and what is done when it breaks off. */
export interface ConnectionOptions {
  /** Defaults to `GET`, with a body to `POST`. */
  method?: string | undefined
  /**
   * A function gives them afresh for each attempt; what it throws is retried, an `SseError` only where it has a
   * `retryAfter`, and then after that. Another origin that it is redirected to is told none that may be a credential; of a
   * browser, which follows by itself, no `Authorization` and no cookies.
   */
  headers?: HeadersLike | (() => HeadersLike | Promise<HeadersLike>) | undefined
  /** Fetches a ticket for each attempt, which goes into the URL as `ticket=`. What it throws is retried as with `headers`. */
  ticket?: (() => string | Promise<string>) | undefined
  /** Sent with each attempt, so it cannot be a stream. */
  body?: string | URLSearchParams | FormData | Blob | ArrayBuffer | Uint8Array<ArrayBuffer> | undefined
  /** As of `fetch`, for browsers. */
  credentials?: 'omit' | 'same-origin' | 'include' | undefined
  /** Makes the requests. Defaults to the global `fetch`. */
  fetch?: Fetch | undefined
  /** The id after which the first attempt begins. */
  lastEventId?: string | undefined
  /** Ends the iteration, without an error. */
  signal?: AbortSignal | undefined
  /** Milliseconds before another attempt, at least. Defaults to 500; a `retry` of the server takes its place. */
  minDelay?: number | undefined
  /** Milliseconds before another attempt, at most, unless the server asks for more. Defaults to 30,000. */
  maxDelay?: number | undefined
  /**
   * Milliseconds within which the server says something, be it a comment: after 2.5 times as long the stream is given up,
   * and after ten seconds at least a server that does not answer. What the server says itself (`: heartbeat=15`) takes
   * its place. Defaults to 0: such a server may be silent.
   */
  heartbeat?: number | undefined
  /** Characters of the longest message or line: beyond it the iteration throws `buffer-limit`. Defaults to 1 Mi. */
  maxLength?: number | undefined
  /** Called with each new state. */
  // Not `| undefined`: a callback that names the connection it belongs to would leave that without a type.
  onState?: (state: ConnectionState) => void
}
