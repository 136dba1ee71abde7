// POST /rooms/:room/events    Content-Type: application/json    {"event"?: "chat", "data": …}
// Publishes one event: 201 {id, room, durable, duplicate}. With an Idempotency-Key it happens once however often it is sent.
import { type App, type NewMessage, readJson, roomName, SseError, type Standalone, standalone } from 'edge-sse'

export const handler = async (request: Request, { rooms, subject }: App): Promise<Response> => {
  const room = rooms.get(roomName(request))
  const message = toMessage(await readJson(request))
  const { id, durable, duplicate } = await room.publish(message, { key: idempotencyKey(request), subject })
  const headers = { 'cache-control': 'no-store' }
  return Response.json({ id, room: room.name, durable, duplicate }, { status: 201, headers })
}

/** Takes `event` and `data`, and refuses what else a body holds: a field that would be dropped in silence misleads. */
function toMessage(body: unknown): NewMessage {
  // A number, read with its digits, is an object too, but none that inherits from `Object`.
  if (!(body instanceof Object) || Array.isArray(body))
    throw new SseError('invalid-json', 'Cannot publish: the body is not a JSON object')
  const { event, data, ...others } = body as { event?: string; data: unknown }
  if (Object.hasOwn(others, 'id'))
    throw new SseError('id-not-accepted', 'Cannot publish: `id` is given by the room', { field: 'id' })
  if (Object.keys(others).length > 0)
    throw new SseError('invalid-message', 'Cannot publish: the body has a field other than `event` and `data`')
  if (Object.hasOwn(body, 'event') && typeof event !== 'string')
    throw new SseError('invalid-message', 'Cannot publish: `event` is not a string', { field: 'event' })
  return { event, data }
}

/** The header's value; the draft standard writes it in quotes: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/ */
const idempotencyKey = (request: Request): string | undefined => {
  const header = request.headers.get('idempotency-key')
  return header === null ? undefined : header.replace(/^"(.*)"$/, '$1')
}

const server: Standalone = standalone(handler)
export default server
