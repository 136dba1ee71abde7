/** A model of Workers AI, through its binding: https://developers.cloudflare.com/workers-ai/ */
import { SseError } from '../errors.ts'
import { type Chunk, type Delta, parseChunk, type ToolCallDelta } from './chunk.ts'
import { Deadline, type Timeouts } from './deadline.ts'
import type { Ask } from './model.ts'
import { UpstreamBody } from './upstream-body.ts'

/** What a Worker has as `env.AI`. */
export interface AiBinding {
  run(model: string, inputs: Record<string, unknown>, options?: { signal?: AbortSignal }): Promise<unknown>
}

/** What older models stream: `{"response": "Hel"}`, then `{"response": "", "usage": {…}}`. */
interface Piece {
  response?: unknown
  tool_calls?: { name?: string; arguments?: unknown }[]
  usage?: unknown
}

export function workersAi(binding: AiBinding, model: string, timeouts?: Timeouts): Ask {
  return async function* ask({ model: _, ...request }, { signal }) {
    const deadline = new Deadline(signal, timeouts)
    let body: UpstreamBody | undefined
    try {
      const answer = await run(binding, model, request, deadline)
      if (!answer) return
      body = new UpstreamBody(answer, deadline)
      yield* inChunks(body, model, request.stream_options?.include_usage === true, signal)
    } finally {
      deadline.clear()
      body?.leave()
    }
  }
}

async function run(
  binding: AiBinding,
  model: string,
  inputs: Record<string, unknown>,
  deadline: Deadline,
): Promise<ReadableStream<Uint8Array> | undefined> {
  const aborted = new Promise<undefined>((resolve) => {
    if (deadline.signal.aborted) resolve(undefined)
    deadline.signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  // What keeps a number's digits for JSON is none for whoever gets it otherwise.
  const plain = JSON.parse(JSON.stringify(inputs))
  // It takes the signal where it knows one; where it does not, its stream is cancelled when it is here.
  const running = binding.run(model, plain, { signal: deadline.signal })
  const answer = await Promise.race([running, aborted]).catch((cause: unknown) => {
    throw new SseError('upstream-refused', 'Cannot answer: Workers AI refused to', { cause })
  })
  if (deadline.signal.aborted) {
    // What it fails of now is nobody's answer.
    running.then((late) => (late instanceof ReadableStream ? late.cancel() : undefined)).catch(() => {})
    if (deadline.reason) throw deadline.reason
    return undefined
  }
  if (answer instanceof ReadableStream) return answer as ReadableStream<Uint8Array>
  throw new SseError('upstream-malformed', 'Cannot answer: Workers AI sent no stream')
}

/** Both of its shapes as chunks: newer models stream those themselves. */
async function* inChunks(
  body: UpstreamBody,
  model: string,
  usage: boolean,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const head = {
    id: `chatcmpl-${crypto.randomUUID()}`,
    object: 'chat.completion.chunk',
    created: Math.floor(Date.now() / 1_000),
    model,
  }
  const chunk = (delta: Delta, finish: string | null = null): string =>
    JSON.stringify({ ...head, choices: [{ index: 0, delta, finish_reason: finish }] } satisfies Chunk)
  let begun = false
  let called = 0
  let used: unknown
  for await (const text of eachOf(body)) {
    const piece = pieceIn(text)
    if (!piece) {
      parseChunk(text)
      yield text
      continue
    }
    const role = begun ? {} : { role: 'assistant' }
    begun = true
    if (typeof piece.response === 'string' && piece.response !== '') yield chunk({ ...role, content: piece.response })
    const calls = (Array.isArray(piece.tool_calls) ? piece.tool_calls : []).map((call) => toolCall(call, called++))
    if (calls.length > 0) yield chunk({ ...role, tool_calls: calls })
    used = piece.usage ?? used
  }
  if (!begun || signal.aborted) return
  yield chunk({}, called > 0 ? 'tool_calls' : 'stop')
  if (usage && used) yield JSON.stringify({ ...head, choices: [], usage: used })
}

async function* eachOf(body: UpstreamBody): AsyncGenerator<string> {
  for (let texts = await body.read(); texts; texts = await body.read()) yield* texts
}

/** An event of the older shape, if it is one. */
function pieceIn(text: string): Piece | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined // Which is said of it as a chunk.
  }
  if (typeof value !== 'object' || value === null || 'choices' in value || 'error' in value) return undefined
  return 'response' in value || 'tool_calls' in value || 'usage' in value ? (value as Piece) : undefined
}

const toolCall = (
  { name = '', arguments: given = {} }: { name?: string; arguments?: unknown },
  index: number,
): ToolCallDelta => ({
  index,
  id: `call_${index}_${crypto.randomUUID().slice(0, 8)}`,
  type: 'function',
  function: { name, arguments: typeof given === 'string' ? given : JSON.stringify(given) },
})
