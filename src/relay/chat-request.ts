/** What a model is asked, as it comes from a stranger: https://platform.openai.com/docs/api-reference/chat/create */
import { SseError } from '../errors.ts'
import { parseJson } from '../json.ts'

export interface ChatMessage {
  role: string
  content?: unknown
  [field: string]: unknown
}

/** A request for chat completions. Fields that are not named here go to the model as they are. */
export interface ChatRequest {
  messages: ChatMessage[]
  /** Which model answers. Defaults to the first that is configured. */
  model?: string | undefined
  stream?: boolean | undefined
  stream_options?: { include_usage?: boolean } | undefined
  [field: string]: unknown
}

const ROLES = ['system', 'developer', 'user', 'assistant', 'tool', 'function']
/** Messages of one request. */
const MOST = 1_000
/**
 * Fields with which servers that pass requests on let a client say whom to ask, with whose key, or whom else when that fails:
 * here the operator says so. Their names without `_` and `-`.
 */
const UPSTREAM = new RegExp(
  `^(${[
    /\w*(apibase|apikey|baseurl|endpoint|host|url|credentials?)|api(type|version)|organization|proxy|upstream/,
    /extra(body|headers|query)|headers|deployment\w*|specificdeployment|kvtransferparams/,
    // A preset, and what a plugin does, may be other models: https://openrouter.ai/docs/api-reference/overview
    /\w*models|\w*providers?|routes?|router|routing\w*|presets?|plugins|compoundcustom/,
    // https://docs.litellm.ai/docs/proxy/clientside_auth. With `mock_response` nobody is asked at all.
    /(aws|azure|litellm|mock|vertex)\w*|customllmprovider|userconfig|model(list|id|info|group\w*)|\w*fallbacks?(dict)?/,
    // https://vercel.com/docs/ai-gateway/models-and-providers/provider-options
    /gateway|provideroptions/,
  ]
    .map(({ source }) => source)
    .join('|')})$`,
  'i',
)
/** Characters of a field that a router may know. */
const LONGEST_FIELD = 64

/** Throws `unknown-provider` for a body that names its own upstream, `invalid-parameter` for what is no request. */
export function checkChatRequest(body: Record<string, unknown>): ChatRequest {
  const field = Object.keys(body).find(namesUpstream) ?? (asksOthers(body.tools) ? 'tools' : undefined)
  if (field !== undefined)
    throw new SseError('unknown-provider', 'Cannot ask: who answers is not for the request to say', { field })
  const { messages, model, stream, stream_options: options } = body
  if (!Array.isArray(messages) || messages.length === 0 || messages.length > MOST)
    throw mistake('messages', `\`messages\` is not a list of 1 to ${MOST}`)
  for (const [index, message] of messages.entries()) checkMessage(message, index)
  if (model !== undefined && (typeof model !== 'string' || model.length > 256))
    throw mistake('model', '`model` is not a name of at most 256 characters')
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean')
    throw mistake('stream', '`stream` is not true or false')
  if (options !== undefined && options !== null && (typeof options !== 'object' || Array.isArray(options)))
    throw mistake('stream_options', '`stream_options` is not an object')
  return { ...body, messages, model, stream: stream ?? undefined, stream_options: options ?? undefined } as ChatRequest
}

function checkMessage(message: unknown, index: number): void {
  const { role, content } = (message ?? {}) as Partial<ChatMessage>
  if (typeof role !== 'string' || !ROLES.includes(role))
    throw mistake('messages', `the role of message ${index + 1} is not one of ${ROLES.join(', ')}`)
  if (content !== undefined && content !== null && typeof content !== 'string' && !Array.isArray(content))
    throw mistake('messages', `the content of message ${index + 1} is neither text nor a list of parts`)
}

/** What becomes of the answer when nobody reads it any more, as `on_disconnect` of a body says it, and the rest of the body. */
export function takeOnDisconnect(
  { on_disconnect: said, ...body }: Record<string, unknown>,
  usually: 'continue' | 'cancel',
): { whenEmpty: 'continue' | 'cancel'; body: Record<string, unknown> } {
  const whenEmpty = said ?? usually
  if (whenEmpty !== 'continue' && whenEmpty !== 'cancel')
    throw mistake('on_disconnect', '`on_disconnect` is neither `continue` nor `cancel`')
  return { whenEmpty, body }
}

/** A request on its way to where it is asked: as text, because its numbers are to arrive as they were written. */
export const formatRequest = (request: ChatRequest): string => JSON.stringify(request)
export const parseRequest = (text: string): ChatRequest => parseJson(text) as ChatRequest

const namesUpstream = (field: string): boolean =>
  field.length <= LONGEST_FIELD && UPSTREAM.test(field.replace(/[_-]/g, ''))

/** What a router does for its models (`openrouter:fusion`), or a provider with a model of its own, asks others all that was said. */
const asksOthers = (tools: unknown): boolean =>
  Array.isArray(tools) &&
  tools.some((tool) => {
    if (typeof tool !== 'object' || tool === null || tool.type === 'function' || tool.type === 'custom') return false
    const { type, parameters, ...fields } = tool
    return String(type).includes(':') || Object.keys({ ...fields, ...parameters }).some((name) => /model/i.test(name))
  })

const mistake = (field: string, state: string): SseError =>
  new SseError('invalid-parameter', `Cannot ask: ${state}`, { field })

/** The text of a message: of its parts those that are text. */
export function textOfMessage({ content }: ChatMessage): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map((part) => (typeof part?.text === 'string' ? part.text : '')).join('')
}
