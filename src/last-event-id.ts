/**
 * The cursor a reader brings back.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#the-last-event-id-header
 */
import { headerText } from './header-text.ts'

/**
 * The id of the last message this reader has read: the `Last-Event-ID` header, or, for the first connect, where
 * `EventSource` cannot send one, `?lastEventId=`. `''` when the reader brings none.
 */
export function getLastEventId(request: Request): string {
  const header = request.headers.get('last-event-id')
  return header ? headerText(header) : (new URL(request.url).searchParams.get('lastEventId') ?? '')
}
