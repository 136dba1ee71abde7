/** An answer as clients of chat completions read it: https://platform.openai.com/docs/api-reference/chat-streaming */
import { nothingMore } from '../event-response-stream.ts'
import type { App } from '../handler.ts'
import { sleep } from '../interval.ts'
import { END_ID } from '../message.ts'
import { isStream } from '../response-stream.ts'
import { type Answer, endUnread, findAnswer, SOON } from './answer.ts'
import { parseAnswerCursor } from './answer-cursor.ts'
import type { ReadAnswerOptions } from './answer-stream.ts'
import { ChunkStream } from './chunk-stream.ts'

/**
 * Streams an answer as chunks, to `[DONE]` or one error: nothing else, and no names. Each has an id that names the answer. Where
 * it fails before its first piece, and in time, it rejects with that; whoever has read all of it gets 204.
 */
export async function completionStream(
  request: Request,
  given: Answer,
  { after = '0', statusWithin = 500, subject, expires }: ReadAnswerOptions = {},
): Promise<Response> {
  const { id: answer, room, whenEmpty } = given
  const streams: ChunkStream[] = []
  const response = await room.subscribe(request, {
    after,
    subject,
    expires,
    // Whoever comes back has its place, but not every client comes back.
    maxAge: Number.POSITIVE_INFINITY,
    ...(whenEmpty === 'cancel' && { heartbeat: SOON }),
    as: (asking, options) => {
      const stream = new ChunkStream(asking, { ...options, answer, after })
      streams.push(stream)
      return stream
    },
  })
  await endUnread(request, given)
  const [stream] = streams
  if (!stream || !isStream(response) || request.method === 'HEAD' || statusWithin === 0) return response
  const failure = await Promise.race([stream.begun, sleep(statusWithin, request.signal)])
  if (!failure) return response
  stream.leave()
  throw failure
}

/**
 * The same for who comes back with the id of a chunk; 204 after an end for good. Rejects with `invalid-last-event-id`, and with `not-found` for an answer
 * that is not there any more: nobody is asked again.
 */
export async function resumeCompletion(request: Request, app: App, lastEventId: string): Promise<Response> {
  if (lastEventId === END_ID) return nothingMore()
  const { answer: id, after } = parseAnswerCursor(lastEventId)
  return completionStream(request, await findAnswer(app, id), { ...app.grant, after, statusWithin: 0 })
}
