/** An answer in one piece: https://platform.openai.com/docs/api-reference/chat/object */
import { type Answer, endUnread } from './answer.ts'
import type { ReadAnswerOptions } from './answer-stream.ts'
import { type Chunk, type Delta, parseChunk, type ToolCallDelta } from './chunk.ts'
import { openAnswer } from './open-answer.ts'

interface Choice {
  index: number
  message: Record<string, unknown>
  finish_reason: string | null
  [field: string]: unknown
}

/** Waits for all of an answer. Rejects with what it failed of. A reader that leaves is told of nothing. */
export async function completion(request: Request, answer: Answer, options: ReadAnswerOptions = {}): Promise<Response> {
  const events = await openAnswer(request, answer, { ...options, statusWithin: 0 })
  const leave = (): void => events.leave()
  request.signal?.addEventListener('abort', leave)
  if (request.signal?.aborted) leave()
  const whole = new Completion()
  try {
    for await (const event of events) {
      if (event.kind === 'error') throw event.error
      if (event.kind === 'chunk') whole.add(parseChunk(event.data))
    }
  } finally {
    request.signal?.removeEventListener('abort', leave)
    leave()
    await endUnread(request, answer)
  }
  const headers = { 'cache-control': 'no-store', 'edge-sse-stream': answer.id }
  return Response.json(whole, { headers })
}

/** Puts chunks together. */
export class Completion {
  #head: Record<string, unknown> = {}
  #usage: unknown
  readonly #choices = new Map<number, Choice>()

  add({ choices, usage, ...head }: Chunk): void {
    this.#head = { ...this.#head, ...head }
    if (usage) this.#usage = usage
    for (const { index = 0, delta, ...rest } of choices) {
      let choice = this.#choices.get(index)
      if (!choice) {
        choice = { index, message: { role: 'assistant', content: null }, finish_reason: null }
        this.#choices.set(index, choice)
      }
      for (const [field, value] of Object.entries(rest))
        if (value !== null && value !== undefined) choice[field] = value
      for (const [field, value] of Object.entries(delta ?? {})) append(choice.message, field, value)
    }
  }

  toJSON(): object {
    const choices = [...this.#choices.values()].sort((a, b) => a.index - b.index).map(withoutIndexes)
    return {
      ...this.#head,
      object: 'chat.completion',
      choices,
      ...(this.#usage !== undefined && { usage: this.#usage }),
    }
  }
}

/** Text grows, calls grow by their index, the rest is as it was said last. */
function append(message: Record<string, unknown>, field: string, value: Delta[string]): void {
  if (value === null || value === undefined) return
  const before = message[field]
  if (field === 'tool_calls' && Array.isArray(value)) message[field] = withCalls(before, value)
  else if (typeof value === 'string' && typeof before === 'string' && field !== 'role') message[field] = before + value
  else message[field] = value
}

/** A call has an index while it comes alone. */
const withoutIndexes = ({ message, ...choice }: Choice): Choice => {
  const { tool_calls: calls } = message
  const whole = Array.isArray(calls) ? { tool_calls: calls.map(({ index: _, ...call }) => call) } : {}
  return { ...choice, message: { ...message, ...whole } }
}

/** In the order of their indexes, which are the model's to choose: a place in a list would be too. */
function withCalls(before: unknown, pieces: ToolCallDelta[]): ToolCallDelta[] {
  const calls = new Map((Array.isArray(before) ? (before as ToolCallDelta[]) : []).map((call) => [call.index, call]))
  for (const { index = 0, id, type, function: piece } of pieces) {
    const call = calls.get(index)
    calls.set(index, {
      index,
      id: id ?? call?.id ?? '',
      type: type ?? call?.type ?? 'function',
      function: {
        name: (call?.function?.name ?? '') + (piece?.name ?? ''),
        arguments: (call?.function?.arguments ?? '') + (piece?.arguments ?? ''),
      },
    })
  }
  return [...calls.values()].sort((a, b) => (a.index ?? 0) - (b.index ?? 0))
}
