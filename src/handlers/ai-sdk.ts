// POST /api/chat              what the AI SDK's `useChat` sends: {"id", "messages", "trigger"}; streams UI messages
// GET /api/chat/:id/stream    the answer that goes on in this chat, from its beginning; 204 where none does
// DELETE /api/chat/:id        stops it: 204
// A chat page with the AI SDK, whose answer goes on when the page is reloaded or its laptop sleeps, and yet can be stopped:
// leaving is not stopping. With an Idempotency-Key a question is asked once in its chat, however often it is sent. What
// `useChat` is told besides (`model`, `tools`, `temperature`, …) goes to the model.
import {
  type App,
  getIdempotencyKey,
  nothingMore,
  type Producers,
  readJsonObject,
  SseError,
  type Standalone,
  standalone,
} from 'edge-sse'
import {
  answerProducers,
  checkChatRequest,
  checkUiMessages,
  findChatAnswer,
  modelsFrom,
  startChatAnswer,
  stopChatAnswer,
  takeOnDisconnect,
  toChatMessages,
  uiMessageStream,
} from 'edge-sse/relay'

/** What makes the answers, where the rooms are. */
export const producers = (env: unknown): Producers => answerProducers(modelsFrom(env))

export const handler = async (request: Request, app: App): Promise<Response> => {
  if (request.method === 'POST') return post(request, app)
  const chat = chatIn(request)
  if (request.method === 'DELETE') {
    await stopChatAnswer(app, chat)
    return nothingMore()
  }
  const found = await findChatAnswer(app, chat)
  return found
    ? uiMessageStream(request, found.answer, { ...app.grant, ...found.note, statusWithin: 0 })
    : nothingMore()
}

async function post(request: Request, app: App): Promise<Response> {
  const { whenEmpty, body } = takeOnDisconnect(await readJsonObject(request), 'continue')
  const { id, messages, trigger: _, messageId: __, ...rest } = body
  if (typeof id !== 'string' || id.length < 1 || id.length > 256)
    throw new SseError('invalid-parameter', 'Cannot ask: `id` is not that of a chat, 1 to 256 characters', {
      field: 'id',
    })
  const chat = checkChatRequest({ ...rest, messages: toChatMessages(messages) })
  const { statusWithin } = modelsFrom(app.env).find(chat.model)
  // After the result of a tool the answer goes on in the same message.
  const last = checkUiMessages(messages).at(-1)
  const goesOn = last?.role === 'assistant' ? { messageId: last.id, before: last.parts } : {}
  const key = getIdempotencyKey(request)
  const answer = await startChatAnswer(app, id, chat, { key, whenEmpty, request, ...goesOn })
  return uiMessageStream(request, answer, { ...app.grant, messageId: goesOn.messageId, statusWithin })
}

/** The chat in a path `/api/chat/:id…`. */
function chatIn(request: Request): string {
  const [, , , segment = ''] = new URL(request.url).pathname.split('/')
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

const server: Standalone = standalone(handler, { producers })
export default server
