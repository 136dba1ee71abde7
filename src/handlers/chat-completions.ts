// POST /v1/chat/completions   what clients of OpenAI send: {"model"?, "messages": [{"role", "content"}], "stream"?: true, …}
// POST /chat/stream           the same, streamed unless it says otherwise, and going on when its reader has left
// GET /chat/stream?message=…  the same for a page's EventSource; `model` and `key` may be given too. Also /chat
// GET /chat/:id/events        any reader of an answer, from the start or after Last-Event-ID. DELETE /chat/:id stops it
// GET /v1/models              the models there are
// A model's answer as `data: {chat.completion.chunk}` … `data: [DONE]`. It is made in a room, whoever reads it: who lost the
// connection comes back with the last id and gets the rest; with an Idempotency-Key it is asked once however often it is sent.
import {
  type App,
  eventStream,
  getIdempotencyKey,
  getLastEventId,
  type Producers,
  readJsonObject,
  SseError,
  type Standalone,
  standalone,
} from 'edge-sse'
import {
  answerProducers,
  type ChatRequest,
  checkChatRequest,
  completion,
  completionStream,
  findAnswer,
  modelsFrom,
  resumeCompletion,
  startAnswer,
  stopAnswer,
  subscribeToAnswer,
  takeOnDisconnect,
} from 'edge-sse/relay'

/** What makes the answers, where the rooms are. */
export const producers = (env: unknown): Producers => answerProducers(modelsFrom(env))

export const handler = async (request: Request, app: App): Promise<Response> => {
  const { pathname } = new URL(request.url)
  const [, first, id] = pathname.split('/')
  if (pathname === '/v1/models') return models(app)
  if (request.method === 'POST') return post(request, app, first === 'v1' ? 'cancel' : 'continue')
  if (first !== 'chat' || id === undefined || id === 'stream') return get(request, app)
  const answer = await findAnswer(app, id)
  if (request.method !== 'DELETE') return subscribeToAnswer(request, answer, app.grant)
  await stopAnswer(answer)
  return new Response(null, { status: 204 })
}

async function post(request: Request, app: App, usually: 'cancel' | 'continue'): Promise<Response> {
  const lastEventId = getLastEventId(request)
  if (lastEventId !== '') return resumeCompletion(request, app, lastEventId)
  const key = getIdempotencyKey(request)
  // Who has a key may come back with it.
  const { whenEmpty, body } = takeOnDisconnect(await readJsonObject(request), key === undefined ? usually : 'continue')
  const chat = checkChatRequest(body)
  const { stream = usually === 'continue' } = chat
  const { statusWithin } = modelsFrom(app.env).find(chat.model)
  // In one piece it says what it has cost; in a stream only to who wants to know.
  const asked = stream ? chat : { ...chat, stream_options: { include_usage: true } }
  const answer = await startAnswer(app, asked, { key, whenEmpty, request })
  return (stream ? completionStream : completion)(request, answer, { ...app.grant, statusWithin })
}

/** For a page of this server: any other could let its visitors ask, with their cookie. */
async function get(request: Request, app: App): Promise<Response> {
  const site = request.headers.get('sec-fetch-site')
  if (site !== null && site !== 'same-origin' && site !== 'none')
    throw new SseError('origin-not-allowed', 'Cannot ask: that is for pages of this server alone')
  const lastEventId = getLastEventId(request)
  if (request.method === 'HEAD') return eventStream(request, [])
  if (lastEventId !== '') return resumeCompletion(request, app, lastEventId)
  const { searchParams } = new URL(request.url)
  const content = searchParams.get('message') ?? ''
  if (content === '') throw new SseError('invalid-parameter', 'Cannot ask: there is no `message`', { field: 'message' })
  const chat: ChatRequest = { messages: [{ role: 'user', content }], model: searchParams.get('model') ?? undefined }
  const answer = await startAnswer(app, chat, { key: searchParams.get('key') ?? undefined })
  return completionStream(request, answer, { ...app.grant, statusWithin: 0 })
}

function models({ env }: App): Response {
  const data = modelsFrom(env).list.map(({ name, provider }) => ({
    id: name,
    object: 'model',
    created: 0,
    owned_by: provider,
  }))
  return Response.json({ object: 'list', data }, { headers: { 'cache-control': 'no-store' } })
}

const server: Standalone = standalone(handler, { producers })
export default server
