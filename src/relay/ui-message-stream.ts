/** An answer as the AI SDK's `useChat` reads it: https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol#data-stream-protocol */
import type { Message } from '../message.ts'
import type { Answer } from './answer.ts'
import { answerStream, type ReadAnswerOptions } from './answer-stream.ts'
import { type Chunk, DONE, parseChunk } from './chunk.ts'
import type { OpenAnswer } from './open-answer.ts'
import { type UiMessageChunk, UiMessageChunks } from './ui-message-chunks.ts'
import type { UiPart } from './ui-messages.ts'

export interface UiMessageStreamOptions extends ReadAnswerOptions {
  /** Id of the message that the answer goes on with, where it is one that was there. Defaults to the id of the answer. */
  messageId?: string | undefined
  /** What was in that message before: said again to who has lost it. */
  before?: UiPart[] | undefined
}

const error = (errorText: string): Message => ({ data: { type: 'error', errorText } satisfies UiMessageChunk })
const CUT = error('The stream was cut here: reload for what follows')
const FAILED = error('The stream failed')

/** Streams an answer from its beginning, as parts of one message. Where it fails before its first piece, it rejects with that. */
export async function uiMessageStream(
  request: Request,
  answer: Answer,
  { messageId = answer.id, before = [], ...options }: UiMessageStreamOptions = {},
): Promise<Response> {
  return answerStream(request, answer, options, (events) => messages(events, messageId, before), {
    end: { reconnect: CUT, failed: FAILED },
    headers: { 'x-vercel-ai-ui-message-stream': 'v1' },
  })
}

async function* messages(events: OpenAnswer, messageId: string, before: UiPart[]): AsyncGenerator<Message> {
  const parts = new UiMessageChunks()
  for (const data of parts.begin(messageId, before)) yield { data }
  for await (const event of events) {
    if (event.kind === 'chunk') for (const data of parts.add(parseChunk(event.data) as Chunk)) yield { data }
    else {
      const ending =
        event.kind === 'done'
          ? parts.finish()
          : event.error.code.toString() === 'producer-stopped'
            ? parts.abort()
            : parts.fail(event.error.message)
      for (const data of ending) yield { data }
      yield { data: DONE }
    }
  }
}
