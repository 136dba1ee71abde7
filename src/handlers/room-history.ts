// GET /rooms/:room/events    Accept: application/x-ndjson
// What the room remembers, one JSON value a line: ?after=<id> to begin after an event, ?limit=<1…1000>.
import { type App, ndjsonStream, parseCursor, roomName, SseError, type Standalone, standalone } from 'edge-sse'

export const handler = (request: Request, { rooms, grant }: App): Promise<Response> => {
  const { searchParams } = new URL(request.url)
  const after = searchParams.get('after') ?? undefined
  const limit = searchParams.get('limit') ?? '1000'
  if (after !== undefined && !parseCursor(after))
    throw new SseError('invalid-parameter', 'Cannot read history: `after` is not an id of a room', { field: 'after' })
  if (!/^[1-9]\d{0,14}$/.test(limit))
    throw new SseError('invalid-parameter', 'Cannot read history: `limit` is not a number from 1', { field: 'limit' })
  const room = rooms.get(roomName(request))
  return ndjsonStream(
    request,
    room.read({ after, limit: Math.min(Number(limit), 1000), live: false, subject: grant?.subject }),
  )
}

const server: Standalone = standalone(handler)
export default server
