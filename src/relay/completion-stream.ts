/** An answer as clients of chat completions read it: https://platform.openai.com/docs/api-reference/chat-streaming */
import type { SseError } from '../errors.ts'
import { nothingMore } from '../event-response-stream.ts'
import type { OwnEnd } from '../event-stream-writer.ts'
import type { App } from '../handler.ts'
import type { Message } from '../message.ts'
import { statusOf } from '../problem.ts'
import { type Answer, findAnswer } from './answer.ts'
import { formatAnswerCursor, parseAnswerCursor } from './answer-cursor.ts'
import { answerStream, type ReadAnswerOptions } from './answer-stream.ts'
import { DONE } from './chunk.ts'
import type { OpenAnswer } from './open-answer.ts'
import { openaiError } from './openai-error.ts'

/** What is said of a stream that is cut while its answer goes on. */
const CUT: Message = { data: openaiError('stream-cut', 'The stream was cut here, and its answer goes on: resume it') }
const FAILED: Message = { data: openaiError('internal-error', 'The stream failed') }

/**
 * Streams an answer as chunks, to `[DONE]` or one error: nothing else, and no names. Each has an id that names the answer. Where
 * it fails before its first piece, it rejects with that.
 */
export async function completionStream(
  request: Request,
  answer: Answer,
  options: ReadAnswerOptions = {},
): Promise<Response> {
  const { after = '0' } = options
  if (answer.readTo === after) return nothingMore()
  return answerStream(request, answer, options, (events) => messages(events, answer.id), {
    end: request.method === 'GET' ? COMES_BACK : STAYS_AWAY,
    cursor: formatAnswerCursor(answer.id, after),
  })
}

/** `EventSource` comes back by itself, and finds that nothing was lost. Whoever has posted takes a silent end for a good one. */
const COMES_BACK: OwnEnd = {}
const STAYS_AWAY: OwnEnd = { reconnect: CUT, failed: FAILED }

/**
 * The same for who comes back with the id of a chunk. Rejects with `invalid-last-event-id`, and with `not-found` for an answer
 * that is not there any more: nobody is asked again.
 */
export async function resumeCompletion(request: Request, app: App, lastEventId: string): Promise<Response> {
  const { answer: id, after } = parseAnswerCursor(lastEventId)
  return completionStream(request, await findAnswer(app, id), { ...app.grant, after, statusWithin: 0 })
}

async function* messages(events: OpenAnswer, answer: string): AsyncGenerator<Message, void, undefined> {
  for await (const event of events) {
    const id = formatAnswerCursor(answer, event.id)
    if (event.kind === 'chunk') yield { id, data: event.data }
    else yield { id, data: event.kind === 'done' ? DONE : errorChunk(event.error) }
  }
}

const errorChunk = (error: SseError): object => openaiError(error.code, error.message, statusOf(error))
