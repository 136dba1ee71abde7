/** An answer in one piece: https://platform.openai.com/docs/api-reference/chat/object */
import { SseError } from '../errors.ts'
import { accumulate, type Fields, noFields } from './accumulate.ts'
import { type Answer, endUnread } from './answer.ts'
import type { ReadAnswerOptions } from './answer-stream.ts'
import { type Chunk, callIndex, parseChunk, type ToolCallDelta } from './chunk.ts'
import { openAnswer } from './open-answer.ts'

/** Calls of tools by their indexes. */
type Calls = Map<number, Fields>

interface Choice {
  about: Fields
  message: Fields
  calls: Calls
}

/**
 * Waits for all of an answer. Rejects with what it failed of, and with `producer-stopped` where its request is aborted before
 * the end was read: what was said until then never looks like all of it.
 */
export async function completion(request: Request, answer: Answer, options: ReadAnswerOptions = {}): Promise<Response> {
  const events = await openAnswer(request, answer, { ...options, statusWithin: 0 })
  const leave = (): void => events.leave()
  request.signal?.addEventListener('abort', leave)
  if (request.signal?.aborted) leave()
  const whole = new Completion()
  let ended = false
  try {
    for await (const event of events) {
      if (event.kind === 'error') throw event.error
      if (event.kind === 'chunk') whole.add(parseChunk(event.data))
      else ended = true
    }
    if (!ended)
      throw new SseError('producer-stopped', 'Cannot answer: the request was aborted before the answer was whole', {
        cause: request.signal?.reason,
      })
  } finally {
    request.signal?.removeEventListener('abort', leave)
    leave()
    await endUnread(request, answer)
  }
  const headers = { 'cache-control': 'no-store', 'edge-sse-stream': answer.id }
  return Response.json(whole, { headers })
}

/**
 * Puts chunks together: what they add to a message by the rule of `accumulate`, calls of tools each by its index. Of what is
 * said about a choice (`finish_reason`, `logprobs`) lists get longer too, texts do not. The rest is that of the newest chunk.
 */
export class Completion {
  readonly #head = noFields()
  #usage: unknown
  readonly #choices = new Map<number, Choice>()

  add({ choices, usage, ...head }: Chunk): void {
    Object.assign(this.#head, head)
    if (usage) this.#usage = usage
    // Some send all that was said so far beside each delta: the message is made of those alone.
    for (const { index = 0, delta, message: _, ...rest } of choices) {
      const { about, message, calls } = this.#choice(index)
      const { tool_calls: pieces, ...added } = delta ?? {}
      accumulate(about, rest, 'replace')
      accumulate(message, added)
      if (pieces) addCalls(calls, pieces)
    }
  }

  toJSON(): object {
    const choices = [...this.#choices.entries()]
      .sort(([a], [b]) => a - b)
      .map(([index, { about, message, calls }]) => ({
        index,
        message: { role: 'assistant', content: null, ...message, ...(calls.size > 0 && { tool_calls: listOf(calls) }) },
        finish_reason: null,
        ...about,
      }))
    return {
      ...this.#head,
      object: 'chat.completion',
      choices,
      ...(this.#usage !== undefined && { usage: this.#usage }),
    }
  }

  #choice(index: number): Choice {
    let found = this.#choices.get(index)
    if (!found) {
      found = { about: noFields(), message: noFields(), calls: new Map() }
      this.#choices.set(index, found)
    }
    return found
  }
}

/** Calls grow by their index, which is the model's to choose: a place in a list would be too. */
function addCalls(calls: Calls, pieces: ToolCallDelta[]): void {
  for (const added of pieces) {
    // Only where it is left out: to look through all calls for each piece would be too much.
    const at =
      added.index ??
      callIndex(
        added,
        Array.from(calls.values(), ({ id }) => id as string | undefined),
      )
    const { index: _, ...piece } = added
    const call = calls.get(at) ?? noFields()
    accumulate(call, piece)
    calls.set(at, call)
  }
}

/** In the order of their indexes, which they have while they come alone. */
const listOf = (calls: Calls): object[] =>
  [...calls.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, { type = 'function', function: called, ...call }]) => ({
      id: '',
      type,
      ...((called || type === 'function') && { function: { name: '', arguments: '', ...(called as Fields) } }),
      ...call,
    }))
