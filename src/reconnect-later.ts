/** Event streams that hold nothing but the way back: for who would never come back from an error. */
import { SseError } from './errors.ts'
import { EventResponseStream } from './event-response-stream.ts'
import { formatMessage, formatRetry } from './message.ts'
import { answering, mayHeal, problemResponse, slugOf } from './problem.ts'

/** Milliseconds before who found no room comes back, more or less up to half by chance: longer than after an end. */
const BUSY = 10_000

/** `EventSource` sends exactly this, never a POST, and gives up for good on any answer but 200. */
export const isNative = ({ method, headers }: Request): boolean =>
  method !== 'POST' && headers.get('accept') === 'text/event-stream'

/** A stream that sends its reader to reconnect, at a time of its own. */
export function reconnectLater(request: Request): Response {
  const stream = new EventResponseStream(request)
  const { response } = stream
  void stream.sendAway()
  return response
}

/**
 * A refusal for who would take any but 200 for the end: the time to come back, `stream.busy` with the slug of the
 * problem, and the close. It is a text, not a stream: nothing of it is left behind.
 */
export function busy(request: Request, error: unknown): Response {
  const least = error instanceof SseError ? (error.retryAfter ?? 0) * 1_000 : 0
  const retry = Math.round(Math.max(BUSY, 2 * least) * (0.5 + Math.random()))
  const text = formatRetry(retry) + formatMessage({ event: 'stream.busy', data: { code: slugOf(error) } })
  const headers = {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store, no-transform',
    'x-content-type-options': 'nosniff',
  }
  return answering(new Response(request.method === 'HEAD' ? null : text, { headers }), error)
}

/** A refusal as its client can take it: a problem, or, where it may heal and the client is native, `busy`. */
export const refuse = (request: Request, error: unknown): Response =>
  isNative(request) && mayHeal(error) ? busy(request, error) : problemResponse(error)
