// GET /chat-room/:room/events    joins: the last 50 messages, then what is said, as `chat` events {from, text}
// POST /chat-room/:room/events   Content-Type: application/json    {"from": "Ada", "text": "hello"}    speaks: 201 {id}
// A chat in a room that remembers. Who was away gets exactly what was missed; with an Idempotency-Key a message that is sent
// twice is said once.
import { type App, getIdempotencyKey, readJsonObject, roomName, SseError, type Standalone, standalone } from 'edge-sse'

export const handler = async (request: Request, { rooms, grant }: App): Promise<Response> => {
  const room = rooms.get(roomName(request))
  if (request.method !== 'POST') return room.subscribe(request, { ...grant, from: 50 })
  const { from, text } = await readJsonObject(request)
  const data = { from: words('from', from, 40), text: words('text', text, 2_000) }
  const { id } = await room.publish(
    { event: 'chat', data },
    { key: getIdempotencyKey(request), subject: grant?.subject },
  )
  return Response.json({ id }, { status: 201, headers: { 'cache-control': 'no-store' } })
}

/** What a person wrote: as it is, but for the space around it. Whoever shows it must show it as text. */
function words(field: string, value: unknown, most: number): string {
  const text = typeof value === 'string' ? value.trim() : ''
  if (text.length > 0 && text.length <= most) return text
  throw new SseError('invalid-parameter', `Cannot speak: \`${field}\` is not text of 1 to ${most} characters`, {
    field,
  })
}

const server: Standalone = standalone(handler)
export default server
