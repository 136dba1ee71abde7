/** A piece of an answer: https://platform.openai.com/docs/api-reference/chat-streaming */
import { byteLength } from '../byte-length.ts'
import { SseError } from '../errors.ts'

/** What a chunk adds to one of its choices. */
export interface Delta {
  role?: string
  content?: string | null
  refusal?: string | null
  /** What a model thinks before it answers; some call it `reasoning`. */
  reasoning_content?: string | null
  reasoning?: string | null
  tool_calls?: ToolCallDelta[]
  [field: string]: unknown
}

export interface ToolCallDelta {
  index?: number
  id?: string
  type?: string
  function?: { name?: string; arguments?: string }
  [field: string]: unknown
}

export interface Chunk {
  id?: string
  object?: string
  created?: number
  model?: string
  choices: { index?: number; delta?: Delta; finish_reason?: string | null; [field: string]: unknown }[]
  usage?: unknown
  [field: string]: unknown
}

/** Which call a piece belongs to, of those with these ids: some models leave the index out, and say the id of each new one. */
export function callIndex({ index, id }: ToolCallDelta, ids: readonly (string | undefined)[]): number {
  if (index !== undefined) return index
  const known = id === undefined ? ids.length - 1 : ids.indexOf(id)
  return known < 0 ? ids.length : known
}

/** What ends an answer. */
export const DONE = '[DONE]'

/** Bytes of one: an event holds them, and its id, also where each is escaped. */
const LARGEST = 131_072

/**
 * Reads one that a model has said. Throws `upstream-too-large`, `upstream-malformed`, `upstream-failed`, caused by the text:
 * it is for the operator, and may hold what is no reader's concern.
 */
export function parseChunk(text: string): Chunk {
  if (text.length > LARGEST / 3 && byteLength(text) > LARGEST)
    throw new SseError('upstream-too-large', 'Cannot answer: a piece of the answer is longer than 128 KiB')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw malformed('it is not JSON', text)
  }
  if (typeof value !== 'object' || value === null) throw malformed('it is not an object', text)
  if ('error' in value && value.error)
    throw new SseError('upstream-failed', 'Cannot answer: the model has failed', { cause: text })
  if (!('choices' in value) || !Array.isArray(value.choices) || !value.choices.every(isChoice))
    throw malformed('it has no choices', text)
  return value as Chunk
}

/** What a chunk says of the first choice, as text. That it refuses to is said too. */
export const textOf = (chunk: Chunk): string => {
  const { content, refusal } = firstDelta(chunk) ?? {}
  return (typeof content === 'string' ? content : '') + (typeof refusal === 'string' ? refusal : '')
}

/** What a chunk adds to the first choice. */
export const firstDelta = ({ choices }: Chunk): Delta | undefined =>
  choices.find(({ index = 0 }) => index === 0)?.delta ?? undefined

/** What it adds may be absent; where it is there, it is what whoever puts pieces together relies on. */
const isChoice = (choice: unknown): boolean => {
  if (!isObject(choice)) return false
  const { delta, index = 0 } = choice as { delta?: Delta | null; index?: unknown }
  if (!Number.isInteger(index)) return false
  if (delta === undefined || delta === null) return true
  const { tool_calls: calls } = delta
  return isObject(delta) && (!calls || (Array.isArray(calls) && calls.every(isObject)))
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null

const malformed = (state: string, cause: string): SseError =>
  new SseError('upstream-malformed', `Cannot answer: the model sent what is no piece of an answer, ${state}`, { cause })
