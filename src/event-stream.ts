/** A source as a response: https://html.spec.whatwg.org/multipage/server-sent-events.html */
import { SseError } from './errors.ts'
import { EventStreamWriter, type EventStreamWriterOptions } from './event-stream-writer.ts'
import { getLastEventId } from './last-event-id.ts'
import type { Message } from './message.ts'
import { forEach } from './source.ts'

/** What a source function is given. */
export interface SourceContext {
  request: Request
  /** Aborts when the reader has left. A source that waits must wait on things that take it. */
  signal: AbortSignal
  /** The id of the last message this reader has read; `''` when it brings none. */
  lastEventId: string
}

/** What a source may yield besides messages: the gap of a room that is read, `{ id, event: 'stream.gap', gap }`. */
export interface GapMessage {
  id: string
  event: string
  gap: object
}

type Messages = AsyncIterable<Message | GapMessage> | Iterable<Message | GapMessage>

/** Yields messages: an iterable (`room.read()` is one), or a function that returns one (a generator). */
export type Source = Messages | ((context: SourceContext) => Messages)

/**
 * Streams what `source` yields. The source is asked for its next message when there is room for it, told through
 * `signal` when the reader leaves, and closed (`return()`) even while it waits.
 *
 * A source that returns ends its stream for good: a reader that comes back gets 204 and the source does not run again.
 * What a source throws goes to `onError`; the reader gets a neutral `stream.error`. A HEAD request gets the headers.
 *
 * @example
 * ```ts
 * import { eventStream, interval } from 'edge-sse'
 * export default {
 *   fetch: (request: Request): Response =>
 *     eventStream(request, async function* ({ signal, lastEventId }) {
 *       let n = Number(lastEventId) || 0
 *       for await (const now of interval(1000, signal)) yield { id: String(++n), event: 'timestamp', data: now }
 *     }),
 * }
 * ```
 */
export function eventStream(request: Request, source: Source, options: EventStreamWriterOptions = {}): Response {
  const lastEventId = getLastEventId(request)
  const stream = new EventStreamWriter(request, options)
  const { signal } = stream
  return stream.run(async () => {
    const messages = typeof source === 'function' ? source({ request, signal, lastEventId }) : source
    return forEach(messages, signal, (message) => stream.send(toMessage(message)))
  })
}

const toMessage = (yielded: Message | GapMessage): Message => {
  if (typeof yielded !== 'object' || yielded === null)
    throw new SseError('cannot-encode', 'Cannot encode message: it is not an object like { data }')
  return 'gap' in yielded ? { id: yielded.id, event: yielded.event, data: yielded.gap } : yielded
}
