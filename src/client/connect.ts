/** Messages from a URL, across whatever happens to the connection: in browsers, Workers, Deno, Bun and Node. */
import type { ConnectionOptions } from './connection-options.ts'
import type { ConnectionState } from './connection-state.ts'
import { decode } from './decode.ts'
import type { Schemas, StreamMessage } from './messages.ts'
import { StreamConnection } from './stream-connection.ts'

export interface ConnectOptions<Events extends object = Record<string, string>> extends ConnectionOptions {
  /** Validators for the data of events, by event name: what they give is handed out. https://standardschema.dev */
  schemas?: Schemas<Events> | undefined
  /**
   * Reads the text of each event but edge-sse's own, before its schema does. Defaults to `JSON.parse` for events that have
   * a schema, and to the text as it is for all others.
   */
  parse?: ((data: string, event: string) => unknown) | undefined
}

/**
 * A stream that is read. It dials when its first message is asked for, and can be iterated once. The iteration ends
 * when the server says that there is no more (204, `stream.end` with `reconnect: false`), on `close` and on `signal`.
 */
export interface Connection<Events extends object = Record<string, string>>
  extends AsyncIterable<StreamMessage<Events>>,
    AsyncDisposable {
  /** How it is doing. */
  readonly state: ConnectionState
  /** The cursor: the id after the last message that was handed out. Kept, it is the `lastEventId` of the next connection. */
  readonly lastEventId: string
  /** Ends the iteration, without an error. Resolves when nothing is open any more. */
  close(): Promise<void>
}

/**
 * Reads an event stream. What breaks off is dialled again, with back-off and jitter, and goes on after the last message
 * that was handed out; a stream that has fallen silent is given up and dialled again. No id is handed out twice between
 * two gaps. Messages wait at the server while nobody asks for them.
 *
 * Network errors, 5xx, 408, 425 and 429 are retried. The iteration throws an `SseError` with the code `refused` for any
 * other status (in `status`; `cause` is what the server says of it), `not-an-event-stream`, `buffer-limit`,
 * `invalid-message` (for which the cursor stays before the message), or `connection-lost` for a stream without ids that
 * was posted: to ask again would do again what was asked. Such a stream may simply end.
 *
 * @example
 * ```ts
 * import { connect } from 'edge-sse/client'
 *
 * const fetch = async () => new Response('id: 1\nevent: chat\ndata: {"text":"hello"}\n\n', {
 *   headers: { 'content-type': 'text/event-stream' },
 * })
 * const messages = connect<{ chat: { text: string } }>('https://example.com/rooms/lobby/events', {
 *   fetch,
 *   parse: (data) => JSON.parse(data),
 * })
 * for await (const message of messages) {
 *   if (message.event !== 'chat') continue
 *   console.log(message.data.text) // hello
 *   break
 * }
 * ```
 */
export function connect<Events extends object = Record<string, string>>(
  url: string | URL,
  options: ConnectOptions<Events> = {},
): Connection<Events> {
  // What the data is beyond text is what `parse` and the schemas say.
  return new StreamConnection(url, options, (message) => decode(message, options) as StreamMessage<Events>)
}
