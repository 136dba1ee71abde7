/** A model that answers without a network: the same question gets the same answer, at the pace and with the failure that is asked for. */
import { SseError } from '../errors.ts'
import { sleep } from '../interval.ts'
import { type ChatMessage, type ChatRequest, textOfMessage } from './chat-request.ts'
import type { Chunk, Delta } from './chunk.ts'
import type { Ask } from './model.ts'

/** What stands after `offline?` in the name of the model, as in a query. */
interface Parameters {
  /** How many pieces its answer has. Defaults to as many as it needs, at most 10,000. */
  tokens: number | undefined
  /** Milliseconds between two of them, at most 60,000. Defaults to 20. */
  pace: number
  /** How it goes wrong, after so many pieces. */
  fail: keyof typeof FAILURES | undefined
  after: number
  /** Whether it thinks aloud first. */
  reasoning: boolean
}

const FAILURES: Record<'refused' | 'rate-limited' | 'reset' | 'error' | 'silence', () => SseError> = {
  refused: () => new SseError('upstream-refused', 'Cannot answer: the model could not be reached'),
  'rate-limited': () => new SseError('upstream-busy', 'Cannot answer: the model has too much to do', { retryAfter: 7 }),
  reset: () => new SseError('upstream-reset', 'Cannot answer: the connection to the model broke off'),
  error: () => new SseError('upstream-failed', 'Cannot answer: the model has failed'),
  silence: () => new SseError('upstream-timeout', 'Cannot answer: the model took too long'),
}
/** Milliseconds until its silence is taken for an end. */
const SILENCE = 60_000
/** Milliseconds that an answer may take. */
const LONGEST = 840_000
const MOST = { tokens: 10_000, pace: 60_000 }
/** Characters of a message in which a tool is looked for: there may be thousands of tools. */
const NAMED = 1_000

/** What it says when it has nothing else to say. */
const FILLER =
  'One piece after the other comes over this stream — each with its place, so that whoever loses the connection gets the rest, and nothing twice.'

/** The parameters in a name like `offline?tokens=50&pace=5`; undefined where it is none. */
export function offlineParameters(name: string): Parameters | undefined {
  const [, query] = /^offline(?:\?(.*))?$/s.exec(name) ?? ['', null]
  if (query === null) return undefined
  const given = new URLSearchParams(query ?? '')
  const number = (key: string, most: number): number | undefined => {
    const text = given.get(key)
    return text === null ? undefined : /^\d{1,5}$/.test(text) && Number(text) <= most ? Number(text) : Number.NaN
  }
  const fail = given.get('fail') ?? undefined
  const [tokens, pace = 20, after = 0] = [
    number('tokens', MOST.tokens),
    number('pace', MOST.pace),
    number('after', MOST.tokens),
  ]
  const known = [...given.keys()].every((key) => ['tokens', 'pace', 'fail', 'after', 'reasoning'].includes(key))
  if (!known || [tokens ?? 0, pace, after].some(Number.isNaN) || (fail !== undefined && !Object.hasOwn(FAILURES, fail)))
    return undefined
  return { tokens, pace, after, fail: fail as Parameters['fail'], reasoning: given.get('reasoning') === '1' }
}

/** Answers as `offline` does. */
export const offline: Ask = async function* ask(request, { signal }) {
  const { pace, fail, after, ...how } = offlineParameters(request.model ?? 'offline') ?? DEFAULTS
  const began = performance.now()
  const created = Math.floor(Date.now() / 1_000)
  const head = {
    id: `chatcmpl-offline-${crypto.randomUUID()}`,
    object: 'chat.completion.chunk',
    created,
    model: 'offline',
  }
  const chunk = (choices: Chunk['choices'], usage?: object): string => JSON.stringify({ ...head, choices, ...usage })
  const said = [...answer(request, how)]
  let count = 0
  for (const delta of said) {
    if (fail !== undefined && count >= after) break
    if (count > 0 && pace > 0) await sleep(pace, signal)
    if (performance.now() - began > LONGEST) throw FAILURES.silence()
    if (signal.aborted) return
    yield chunk([{ index: 0, delta: count++ === 0 ? { role: 'assistant', ...delta } : delta, finish_reason: null }])
  }
  if (fail === 'silence') await sleep(SILENCE, signal)
  if (signal.aborted) return
  if (fail !== undefined) throw FAILURES[fail]()
  const finish = said.at(-1)?.tool_calls
    ? 'tool_calls'
    : count === how.tokens || isCut(request, count)
      ? 'length'
      : 'stop'
  yield chunk([{ index: 0, delta: {}, finish_reason: finish }])
  if (request.stream_options?.include_usage) {
    const asked = request.messages.reduce((sum, message) => sum + tokensOf(textOfMessage(message)).length, 0)
    yield chunk([], { usage: { prompt_tokens: asked, completion_tokens: count, total_tokens: asked + count } })
  }
}

const DEFAULTS = { tokens: undefined, pace: 20, fail: undefined, after: 0, reasoning: false }

function* answer(
  request: ChatRequest,
  { tokens, reasoning }: Pick<Parameters, 'tokens' | 'reasoning'>,
): Generator<Delta> {
  const most = Math.min(tokens ?? MOST.tokens, limitOf(request) ?? MOST.tokens)
  const last = request.messages.at(-1) as ChatMessage
  if (reasoning)
    for (const token of tokensOf('What was asked? I look at the last message.')) yield { reasoning_content: token }
  const tool = last.role === 'tool' ? undefined : toolFor(request, textOfMessage(last).slice(0, NAMED))
  if (tool) return yield* call(tool, textOfMessage(last))
  const text = last.role === 'tool' ? `The tool said: ${clip(textOfMessage(last))}` : greeting(textOfMessage(last))
  const words = tokensOf(text)
  const filler = tokensOf(` ${FILLER}`)
  for (let index = 0; index < Math.min(most, tokens ?? words.length); index++)
    yield { content: words[index] ?? (filler[(index - words.length) % filler.length] as string) }
}

const greeting = (question: string): string =>
  `I am the offline model of edge-sse: I answer without a network, and always the same. You said: “${clip(question)}”. ${FILLER}`

const clip = (text: string): string => {
  const characters = [...text.trim()]
  return characters.length > 200 ? `${characters.slice(0, 200).join('')}…` : characters.join('')
}

/**
 * Words with the space before them: about what a model calls a token. Space that no word follows would be looked through
 * anew from each of its places.
 */
const tokensOf = (text: string): string[] => text.trimEnd().match(/\s*\S+/g) ?? []

const limitOf = ({ max_completion_tokens: most, max_tokens: old }: ChatRequest): number | undefined => {
  const limit = Number(most ?? old ?? Number.NaN)
  return limit >= 1 ? limit : undefined
}

const isCut = (request: ChatRequest, count: number): boolean => count >= (limitOf(request) ?? Number.POSITIVE_INFINITY)

interface Tool {
  name: string
  parameters?: { properties?: Record<string, { type?: string } | null> }
}

/** The tool that has to be called, or that the last message names. */
function toolFor({ tools, tool_choice: choice }: ChatRequest, text: string): Tool | undefined {
  if (choice === 'none' || !Array.isArray(tools)) return undefined
  const functions = tools.flatMap((tool): Tool[] => (typeof tool?.function?.name === 'string' ? [tool.function] : []))
  const forced = (choice as { function?: { name?: unknown } } | undefined)?.function?.name
  const named = functions.find(({ name }) => (typeof forced === 'string' ? name === forced : text.includes(name)))
  return named ?? (choice === 'required' ? functions[0] : undefined)
}

/** A call with something of the right type for each parameter, its arguments in several pieces. */
function* call({ name, parameters }: Tool, text: string): Generator<Delta> {
  const values: Record<string, unknown> = {
    string: clip(text),
    number: 7,
    integer: 7,
    boolean: true,
    array: [],
    object: {},
  }
  const filled = Object.entries(parameters?.properties ?? {}).map(([key, schema]) => [
    key,
    values[schema?.type ?? ''] ?? null,
  ])
  yield { tool_calls: [{ index: 0, id: 'call_offline', type: 'function', function: { name, arguments: '' } }] }
  for (const piece of JSON.stringify(Object.fromEntries(filled)).match(/.{1,16}/gsu) ?? [])
    yield { tool_calls: [{ index: 0, function: { arguments: piece } }] }
}
