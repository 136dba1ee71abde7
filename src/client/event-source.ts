/**
 * The browser's `EventSource` over `connect`: it takes its place, and can do what that cannot.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface
 */

import type { ParsedMessage } from '../parse.ts'
import type { ConnectionOptions } from './connection-options.ts'
import type { ConnectionState } from './connection-state.ts'
import { StreamConnection } from './stream-connection.ts'

/** Those of `connect`, and the one of the browser's `EventSource`. */
export interface EventSourceOptions extends Omit<ConnectionOptions, 'credentials' | 'onState'> {
  /** Whether requests to other sites carry cookies. Defaults to false. */
  withCredentials?: boolean | undefined
}

/** Why a stream broke off is in `error`; absent where it just ended. */
export type EventSourceErrorEvent = Event & { error?: unknown }

type Listener<E> = ((event: E) => void) | { handleEvent(event: E): void } | null
type ListenerOptions = boolean | { capture?: boolean; once?: boolean; passive?: boolean; signal?: AbortSignal }

/** What is listened to by name, as the browser's own has it: any name but these two is that of a message. */
export interface EventSource {
  addEventListener(type: 'open', listener: Listener<Event>, options?: ListenerOptions): void
  addEventListener(type: 'error', listener: Listener<EventSourceErrorEvent>, options?: ListenerOptions): void
  addEventListener(type: string, listener: Listener<MessageEvent>, options?: ListenerOptions): void
  removeEventListener(type: 'open', listener: Listener<Event>, options?: ListenerOptions): void
  removeEventListener(type: 'error', listener: Listener<EventSourceErrorEvent>, options?: ListenerOptions): void
  removeEventListener(type: string, listener: Listener<MessageEvent>, options?: ListenerOptions): void
}

const STATES = {
  CONNECTING: { value: 0, enumerable: true },
  OPEN: { value: 1, enumerable: true },
  CLOSED: { value: 2, enumerable: true },
}

/**
 * An `EventSource` that also sends headers, posts, fetches tickets, backs off, notices a stream that has fallen silent,
 * and survives a 503. `error` events say why (`event.error`); what ends the connection for good is what ends that of
 * `connect`. Unlike the browser's it asks for problems too (`Accept`), and `origin` is that of its URL, also where a
 * redirect has led elsewhere.
 *
 * @example
 * ```ts
 * import { EventSource } from 'edge-sse/client/event-source'
 *
 * const source = new EventSource('https://example.com/answers', {
 *   body: JSON.stringify({ question: 'why' }),
 *   headers: { 'content-type': 'application/json' },
 *   fetch: async () => new Response('data: because\n\n', { headers: { 'content-type': 'text/event-stream' } }),
 * })
 * source.onmessage = ({ data }) => console.log(data) // because
 * ```
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: what listeners get is all that the interface says anew.
export class EventSource extends EventTarget {
  declare static readonly CONNECTING: 0
  declare static readonly OPEN: 1
  declare static readonly CLOSED: 2
  declare readonly CONNECTING: 0
  declare readonly OPEN: 1
  declare readonly CLOSED: 2
  readonly withCredentials: boolean
  onopen: ((event: Event) => void) | null = null
  onmessage: ((event: MessageEvent) => void) | null = null
  onerror: ((event: EventSourceErrorEvent) => void) | null = null
  readonly #connection: StreamConnection<ParsedMessage>
  #readyState: 0 | 1 | 2 = 0

  static {
    for (const each of [EventSource, EventSource.prototype]) Object.defineProperties(each, STATES)
  }

  /** Throws a `SyntaxError` for what is no URL. */
  constructor(url: string | URL, { withCredentials = false, ...options }: EventSourceOptions = {}) {
    super()
    this.withCredentials = withCredentials
    if (!callsHandlers()) {
      this.addEventListener('open', (event) => this.onopen?.(event))
      this.addEventListener('message', (event) => this.onmessage?.(event))
      this.addEventListener('error', (event) => this.onerror?.(event))
    }
    const credentials = withCredentials ? { credentials: 'include' as const } : {}
    const onState = (state: ConnectionState): void => this.#onState(state)
    try {
      this.#connection = new StreamConnection(url, { ...options, ...credentials, onState }, (message) => message)
    } catch {
      throw new DOMException(`Cannot open stream: ${String(url)} is no URL`, 'SyntaxError')
    }
    void this.#read()
  }

  get url(): string {
    return this.#connection.url.href
  }

  get readyState(): 0 | 1 | 2 {
    return this.#readyState
  }

  get [Symbol.toStringTag](): string {
    return 'EventSource'
  }

  /** No more events, from now on. */
  close(): void {
    this.#readyState = 2
    void this.#connection.close()
  }

  async #read(): Promise<void> {
    const { origin } = this.#connection.url
    try {
      for await (const { event = 'message', data } of this.#connection) {
        // It may have been closed while this was on its way from there.
        if (this.#readyState === 2) return
        const { lastEventId } = this.#connection
        this.dispatchEvent(new MessageEvent(event, { data, lastEventId, origin }))
      }
    } catch {
      // The last state says what it was.
    }
  }

  #onState({ phase, retryAt, error }: ConnectionState): void {
    if (this.#readyState === 2) return
    if (phase === 'live') {
      if (this.#readyState === 0) {
        this.#readyState = 1
        this.dispatchEvent(new Event('open'))
      }
    } else if (retryAt || phase === 'closed') {
      this.#readyState = phase === 'closed' ? 2 : 0
      this.dispatchEvent(Object.assign(new Event('error'), { error }))
    }
  }
}

/** Whether any event target here calls its `on…`, as those of Workers do. */
function callsHandlers(): boolean {
  let calls = false
  const onopen = (): void => {
    calls = true
  }
  Object.assign(new EventTarget(), { onopen }).dispatchEvent(new Event('open'))
  return calls
}
