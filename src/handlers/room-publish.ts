// POST /rooms/:room/events    Content-Type: application/json    {"event"?: "chat", "data": …}
// Publishes one event: 201 {id, room, durable, duplicate}. With an Idempotency-Key it happens once however often it is sent.
import { type App, getIdempotencyKey, readJson, roomName, type Standalone, standalone, toNewMessage } from 'edge-sse'

export const handler = async (request: Request, { rooms, grant }: App): Promise<Response> => {
  const room = rooms.get(roomName(request))
  const message = toNewMessage(await readJson(request))
  const { id, durable, duplicate } = await room.publish(message, {
    key: getIdempotencyKey(request),
    subject: grant?.subject,
  })
  const headers = { 'cache-control': 'no-store' }
  return Response.json({ id, room: room.name, durable, duplicate }, { status: 201, headers })
}

const server: Standalone = standalone(handler)
export default server
