/** One connection for all tabs of a site that read the same stream. */
import { type Connection, type ConnectOptions, connect } from './connect.ts'
import { decode } from './decode.ts'
import type { StreamMessage } from './messages.ts'
import { SharedConnection } from './shared-connection.ts'
import { Tabs } from './tabs.ts'

export interface ShareOptions<Events extends object = Record<string, string>> extends ConnectOptions<Events> {
  /**
   * What is shared: tabs of one site that give the same name read the same stream. Defaults to the URL. Say who is signed
   * in, where that decides what is read.
   */
  name?: string | undefined
}

/**
 * As `connect`, with one connection for all tabs of a site: browsers have six for each site over HTTP/1.1, and a server
 * as many readers as there are tabs. One tab reads, and tells the others; when it is closed another goes on after the
 * last message that all of them have. Every tab gets every message once, from where the others are when it is opened.
 * One that falls 1 MiB behind, or is opened with a `lastEventId` or with `from` in its URL, reads on its own until it is
 * where the others are.
 *
 * Options that make requests (`headers`, `ticket`, `fetch`) are those of the tab that reads, and how its stream ends is
 * how that of each tab does: an error has its code, status and `retryAfter` in all of them, its cause in the one that has
 * read. Where there are no Web Locks (Bun, Workers, pages that are not secure) or no BroadcastChannel it is `connect`.
 *
 * @example
 * ```ts
 * import { share } from 'edge-sse/client/share'
 *
 * const messages = share('https://example.com/rooms/lobby/events', {
 *   fetch: async () => new Response('id: 1\ndata: hello\n\n', { headers: { 'content-type': 'text/event-stream' } }),
 * })
 * for await (const { data } of messages) {
 *   console.log(data) // hello
 *   break
 * }
 * ```
 */
export function share<Events extends object = Record<string, string>>(
  url: string | URL,
  options: ShareOptions<Events> = {},
): Connection<Events> {
  if (!Tabs.areThere) return connect(url, options)
  // What the data is beyond text is what `parse` and the schemas say.
  return new SharedConnection(url, options, (message) => decode(message, options) as StreamMessage<Events>)
}
