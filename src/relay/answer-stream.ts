/** What every stream of an answer does the same, whatever its format. */
import { eventStream } from '../event-stream.ts'
import type { OwnEnd } from '../event-stream-writer.ts'
import type { Message } from '../message.ts'
import { type Answer, endUnread, SOON } from './answer.ts'
import { type OpenAnswer, openAnswer } from './open-answer.ts'

export interface ReadAnswerOptions {
  /** The cursor in its room after which to read. Defaults to `0`, for all of it. */
  after?: string | undefined
  /** Who reads: whoever asked. */
  subject?: string | undefined
  /** When the right to read ends, in milliseconds since 1970. */
  expires?: number | undefined
  /** Milliseconds that the response waits for the first piece, in which a failure is thrown. Defaults to 500. */
  statusWithin?: number | undefined
}

interface Format {
  end: OwnEnd
  headers?: Record<string, string>
}

/** Rejects with what the answer failed of, when that comes first and in time. HEAD reads nothing. */
export async function answerStream(
  request: Request,
  answer: Answer,
  options: ReadAnswerOptions,
  messages: (events: OpenAnswer) => AsyncIterable<Message>,
  { headers, ...format }: Format,
): Promise<Response> {
  const stream = {
    ...format,
    // Whoever comes back has its place, but not every client comes back.
    maxAge: Number.POSITIVE_INFINITY,
    expires: options.expires,
    ...(answer.whenEmpty === 'cancel' && { heartbeat: SOON }),
    headers: {
      'cache-control': 'no-cache, no-store, no-transform',
      'edge-sse-stream': answer.id,
      ...headers,
    },
  }
  if (request.method === 'HEAD') return eventStream(request, [], stream)
  const events = await openAnswer(request, answer, options)
  if (request.signal?.aborted) events.leave()
  await endUnread(request, answer)
  return eventStream(
    request,
    ({ signal }) => {
      // It may have left before.
      if (signal.aborted) events.leave()
      else signal.addEventListener('abort', events.leave, { once: true })
      return messages(events)
    },
    stream,
  )
}
