/** The request of one attempt. */
import { SseError } from '../errors.ts'
import type { ConnectionOptions } from './connection-options.ts'
import type { Dial } from './dial.ts'
import { orRetry } from './retryable.ts'

/** Throws a `TypeError` for what is no URL, not even beside that of the page. */
export function absolute(url: string | URL): URL {
  const { document, location } = globalThis as { document?: { baseURI: string }; location?: { href: string } }
  return new URL(url, document?.baseURI ?? location?.href)
}

/** Rejects with a `Retryable` when a function of the caller's fails, unless that is by an `SseError` without `retryAfter`. */
export async function toDial(
  url: URL,
  options: ConnectionOptions,
  lastEventId: string,
  signal: AbortSignal,
): Promise<Dial> {
  const { headers: given, ticket, body, credentials, fetch = globalThis.fetch } = options
  const headers = new Headers(typeof given === 'function' ? await orRetry(given) : given)
  // One that also takes problems is told of them: https://www.rfc-editor.org/rfc/rfc9457
  if (!headers.has('accept')) headers.set('accept', 'text/event-stream, application/problem+json')
  if (lastEventId) headers.set('last-event-id', inUtf8(lastEventId))
  const target = new URL(url)
  if (ticket) target.search += `${target.search ? '&' : '?'}ticket=${encodeURIComponent(await orRetry(ticket))}`
  const init = {
    method: methodOf(options),
    headers,
    signal,
    body: body ?? null,
    ...(credentials && { credentials }),
    // Older Workers throw at the very name.
    ...('cache' in Request.prototype && { cache: 'no-store' as const }),
  }
  return { url: target, init, fetch }
}

/** In capitals: `fetch` makes them of some names only. */
export const methodOf = ({ method, body }: ConnectionOptions): string =>
  (method ?? (body === undefined ? 'GET' : 'POST')).toUpperCase()

/** A header holds bytes. https://html.spec.whatwg.org/multipage/server-sent-events.html#last-event-id */
function inUtf8(id: string): string {
  // With a control character Deno and Node send no such header, and few servers take a longer one: it would fail each time.
  if (!/^[\t -~\u0080-\uffff]{0,4096}$/.test(id))
    throw new SseError('invalid-last-event-id', 'Cannot read: its id is no header')
  // Workers make UTF-8 of what they are given, by themselves.
  return 'WebSocketPair' in globalThis ? id : String.fromCharCode(...new TextEncoder().encode(id))
}
