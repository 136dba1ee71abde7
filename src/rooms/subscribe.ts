/** A reader of a room over HTTP: its cursor, its stream, and the refusals it may meet. */
import { SseError } from '../errors.ts'
import { nothingMore } from '../event-response-stream.ts'
import { getLastEventId } from '../last-event-id.ts'
import { END_ID } from '../message.ts'
import { problemResponse } from '../problem.ts'
import { isNative, refuse } from '../reconnect-later.ts'
import type { RoomBackend } from './backend.ts'
import type { Position } from './bridge.ts'
import { parseCursor } from './cursor.ts'
import { checkFrom, parseFrom } from './from.ts'
import { Reader } from './reader.ts'
import type { From, SubscribeOptions } from './room.ts'
import { RoomStream } from './room-stream.ts'
import { checkTicket } from './ticket.ts'

export async function subscribe(
  backend: RoomBackend,
  request: Request,
  {
    from,
    after: lastEventId = getLastEventId(request),
    as = (asking, how) => new RoomStream(asking, how),
    subject = '',
    ticket: given,
    ...options
  }: SubscribeOptions = {},
): Promise<Response> {
  if (lastEventId === END_ID) return nothingMore()
  const start = from === undefined ? undefined : checkFrom(from)
  const ticket = given && checkTicket(given)
  let position: Position
  try {
    position = positionOf(request, lastEventId, start)
  } catch (error) {
    return problemResponse(error)
  }
  const stream = as(request, { budget: backend.budget, ...options })
  if (request.method === 'HEAD') {
    stream.leave()
    return stream.head
  }
  if (stream.expire()) return stream.response
  const reader = new Reader(backend.connect, stream, { position, subject, ticket })
  stream.fedBy(reader)
  try {
    if ((await reader.open()) === 'read') {
      stream.leave()
      return nothingMore()
    }
  } catch (error) {
    const refused = error instanceof SseError
    // `EventSource` would never come back from a 503: it is let in, and its room looked for meanwhile.
    if (!refused && isNative(request)) reader.disconnected()
    else {
      stream.leave()
      return refuse(
        request,
        refused
          ? error
          : new SseError('storage-unavailable', 'Cannot subscribe: the room did not answer', { cause: error }),
      )
    }
  }
  stream.limitAge()
  return stream.response
}

/**
 * Where this reader stands. A browser's `EventSource` would never come back from a refusal, so one that brings
 * something that is no id is let in and told (`stream.gap`); who can read a problem gets one.
 */
function positionOf(request: Request, lastEventId: string, from: From | undefined): Position {
  if (lastEventId === '') return from ?? parseFrom(new URL(request.url).searchParams.get('from'))
  const cursor = parseCursor(lastEventId)
  if (cursor) return cursor
  if (isNative(request)) return 'malformed'
  throw new SseError('invalid-last-event-id', 'Cannot resume: the last event id is not an id of a room')
}
