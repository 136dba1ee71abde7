// POST /server/send?room=…    Content-Type: application/json    {"messages": [{"role": "user", "content": "hello"}]}    202 {id}
// GET /server/events?room=…   joins: what was said, then `question` {id, role, content}, the answer in `delta` events {id, text}
//                             as it comes, and all of it at the end as a message {id, role, content}
// A chat of many people with one model. What one sends, the model answers, and everyone sees it; two may ask at once. Without
// `room` it is the room `chat`. An answer goes on whoever leaves: it has no last reader of its own, and who comes later reads it.
import {
  type App,
  getIdempotencyKey,
  type Producers,
  readJsonObject,
  roomInQuery,
  SseError,
  type Standalone,
  standalone,
} from 'edge-sse'
import { chatProducers, checkChatRequest, checkQuestion, formatRequest, modelsFrom } from 'edge-sse/relay'

/** What answers, where the rooms are. */
export const producers = (env: unknown): Producers => chatProducers(modelsFrom(env))

export const handler = async (request: Request, app: App): Promise<Response> => {
  const room = app.rooms.get(roomInQuery(request, 'chat'))
  if (request.method !== 'POST') return room.subscribe(request, { from: 'start', ...app.grant })
  const body = await readJsonObject(request)
  if (body.on_disconnect !== undefined)
    throw new SseError(
      'invalid-parameter',
      'Cannot ask: `on_disconnect` is for an answer that has readers of its own',
      {
        field: 'on_disconnect',
      },
    )
  const chat = checkQuestion(checkChatRequest(body))
  const { name } = modelsFrom(app.env).find(chat.model)
  const { run: id } = await room.start('chat', formatRequest({ ...chat, model: chat.model ?? name, stream: true }), {
    key: getIdempotencyKey(request),
    subject: app.grant?.subject,
    then: 'keep',
  })
  return Response.json({ id }, { status: 202, headers: { 'cache-control': 'no-store' } })
}

const server: Standalone = standalone(handler, { producers })
export default server
