/** An event stream that holds nothing but the way back: for who would never come back from an error. */
import { EventResponseStream } from './event-response-stream.ts'

/** `EventSource` sends exactly this, and gives up for good on any answer but 200. */
export const isNative = (request: Request): boolean => request.headers.get('accept') === 'text/event-stream'

/** A stream that sends its reader to reconnect, at a time of its own. */
export function reconnectLater(request: Request): Response {
  const stream = new EventResponseStream(request)
  const { response } = stream
  void stream.sendAway()
  return response
}
