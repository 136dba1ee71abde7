/** The request of one attempt. */
import { SseError } from '../errors.ts'
import type { ConnectionOptions } from './connection-options.ts'
import { type Dial, Retryable } from './dial.ts'

/** Throws a `TypeError` for what is no URL, not even beside that of the page. */
export function absolute(url: string | URL): URL {
  const { document, location } = globalThis as { document?: { baseURI: string }; location?: { href: string } }
  return new URL(url, document?.baseURI ?? location?.href)
}

/** Rejects with a `Retryable` when a function of the caller's fails, unless that is by an `SseError`. */
export async function toDial(
  url: URL,
  { method, headers: given, ticket, body, credentials, fetch = globalThis.fetch }: ConnectionOptions,
  lastEventId: string,
  signal: AbortSignal,
): Promise<Dial> {
  const headers = new Headers(typeof given === 'function' ? await ask(given) : given)
  // One that also takes problems is told of them: https://www.rfc-editor.org/rfc/rfc9457
  if (!headers.has('accept')) headers.set('accept', 'text/event-stream, application/problem+json')
  if (lastEventId) headers.set('last-event-id', inUtf8(lastEventId))
  const target = new URL(url)
  if (ticket) target.search += `${target.search ? '&' : '?'}ticket=${encodeURIComponent(await ask(ticket))}`
  const init = {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers,
    signal,
    ...(body !== undefined && { body }),
    ...(credentials && { credentials }),
    // Older Workers throw at the very name.
    ...('cache' in Request.prototype && { cache: 'no-store' as const }),
  }
  return { url: target, init, fetch }
}

async function ask<T>(what: () => T | Promise<T>): Promise<T> {
  try {
    return await what()
  } catch (error) {
    throw error instanceof SseError ? error : new Retryable(error)
  }
}

/** A header holds bytes. https://html.spec.whatwg.org/multipage/server-sent-events.html#last-event-id */
function inUtf8(id: string): string {
  // Deno and Node send no such header, and would fail again at each attempt.
  if (/[^\t -~\u0080-\uffff]/.test(id))
    throw new SseError('invalid-last-event-id', 'Cannot resume stream: its last id holds a control character')
  return String.fromCharCode(...new TextEncoder().encode(id))
}
