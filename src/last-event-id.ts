/**
 * The cursor a reader brings back.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#the-last-event-id-header
 */

/**
 * The id of the last message this reader has read: the `Last-Event-ID` header, or, for the first connect, where
 * `EventSource` cannot send one, `?lastEventId=`. `''` when the reader brings none.
 */
export function getLastEventId(request: Request): string {
  const header = request.headers.get('last-event-id')
  return header ? decodeUtf8(header) : (new URL(request.url).searchParams.get('lastEventId') ?? '')
}

/** Browsers send the id as UTF-8, and `Headers` hands each byte out as one character. */
const decodeUtf8 = (header: string): string => {
  if (!/[\x80-\xff]/.test(header) || /[^\0-\xff]/.test(header)) return header
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Uint8Array.from(header, (c) => c.charCodeAt(0)),
    )
  } catch {
    return header // Not UTF-8: the reader gets what it sent.
  }
}
