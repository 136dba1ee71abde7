// POST /rooms/:room/events    Content-Type: application/x-ndjson    one {"event"?: "chat", "data": …} a line
// Publishes up to 1,000 events next to each other, all or none: 201 {ids, room, durable, duplicate}. One Idempotency-Key
// covers them all.
import { type App, getIdempotencyKey, readNdjson, roomName, type Standalone, standalone, toNewMessage } from 'edge-sse'

export const handler = async (request: Request, { rooms, grant }: App): Promise<Response> => {
  const room = rooms.get(roomName(request))
  const messages = await readNdjson(request, toNewMessage)
  const published = await room.publishAll(messages, { key: getIdempotencyKey(request), subject: grant?.subject })
  const [{ durable, duplicate } = {}] = published // All of them are alike.
  const ids = published.map(({ id }) => id)
  return Response.json(
    { ids, room: room.name, durable, duplicate },
    { status: 201, headers: { 'cache-control': 'no-store' } },
  )
}

const server: Standalone = standalone(handler)
export default server
