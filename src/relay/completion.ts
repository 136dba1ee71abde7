/** An answer in one piece: https://platform.openai.com/docs/api-reference/chat/object */
import { type Answer, endUnread } from './answer.ts'
import type { ReadAnswerOptions } from './answer-stream.ts'
import { type Chunk, callIndex, type Delta, parseChunk, type ToolCallDelta } from './chunk.ts'
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
  readonly #head: Record<string, unknown> = {}
  #usage: unknown
  readonly #choices = new Map<number, { choice: Choice; calls: Map<number, ToolCallDelta> }>()

  add({ choices, usage, ...head }: Chunk): void {
    Object.assign(this.#head, head)
    if (usage) this.#usage = usage
    // Some send all that was said so far beside each delta: the message is made of those alone.
    for (const { index = 0, delta, message: _, ...rest } of choices) {
      const { choice, calls } = this.#choice(index)
      for (const [field, value] of Object.entries(rest))
        if (value !== null && value !== undefined) choice[field] = value
      for (const [field, value] of Object.entries(delta ?? {}))
        if (field === 'tool_calls') addCalls(calls, value)
        else append(choice.message, field, value)
    }
  }

  toJSON(): object {
    const choices = [...this.#choices.entries()]
      .sort(([a], [b]) => a - b)
      .map(([, { choice, calls }]) => (calls.size === 0 ? choice : withCalls(choice, calls)))
    return {
      ...this.#head,
      object: 'chat.completion',
      choices,
      ...(this.#usage !== undefined && { usage: this.#usage }),
    }
  }

  #choice(index: number): { choice: Choice; calls: Map<number, ToolCallDelta> } {
    let found = this.#choices.get(index)
    if (!found) {
      const choice = { index, message: { role: 'assistant', content: null }, finish_reason: null }
      found = { choice, calls: new Map() }
      this.#choices.set(index, found)
    }
    return found
  }
}

/** Text grows, the rest is as it was said last. */
function append(message: Record<string, unknown>, field: string, value: Delta[string]): void {
  if (value === null || value === undefined) return
  const before = message[field]
  const grows = typeof value === 'string' && typeof before === 'string' && field !== 'role'
  message[field] = grows ? before + value : value
}

/** Calls grow by their index, which is the model's to choose: a place in a list would be too. */
function addCalls(calls: Map<number, ToolCallDelta>, pieces: unknown): void {
  if (!Array.isArray(pieces)) return
  for (const added of pieces as ToolCallDelta[]) {
    const { id, type, function: piece } = added
    // Only where it is left out: to look through all calls for each piece would be too much.
    const index =
      added.index ??
      callIndex(
        added,
        Array.from(calls.values(), ({ id }) => id),
      )
    const call = calls.get(index)
    calls.set(index, {
      id: id ?? call?.id ?? '',
      type: type ?? call?.type ?? 'function',
      function: {
        name: (call?.function?.name ?? '') + (piece?.name ?? ''),
        arguments: (call?.function?.arguments ?? '') + (piece?.arguments ?? ''),
      },
    })
  }
}

/** In the order of their indexes, which they have while they come alone. */
const withCalls = ({ message, ...choice }: Choice, calls: Map<number, ToolCallDelta>): Choice => {
  const tool_calls = [...calls.entries()].sort(([a], [b]) => a - b).map(([, call]) => call)
  return { ...choice, message: { ...message, tool_calls } }
}
