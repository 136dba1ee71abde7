/** What is read of an answer: its pieces with their cursors, and how it ended. Every format of it is made of these. */
import { SseError, type SseErrorCode } from '../errors.ts'
import type { Answer } from './answer.ts'
import { DONE } from './chunk.ts'

export type AnswerEvent =
  | { kind: 'chunk'; id: string; data: string }
  | { kind: 'done'; id: string }
  | { kind: 'error'; id: string; error: SseError }

/**
 * Reads an answer after a cursor of its room. Its last item says how it ended, always: `done`, or `error` where it failed, was
 * stopped, or is not there any more from that place on. It just ends where `signal` has aborted.
 */
export async function* answerEvents(
  { room }: Pick<Answer, 'room'>,
  { after, subject, signal }: { after: string; subject: string | undefined; signal: AbortSignal },
): AsyncGenerator<AnswerEvent, void, undefined> {
  let last = after
  for await (const message of room.read({ after, from: 'start', subject, signal })) {
    last = message.id
    if ('gap' in message) return yield { kind: 'error', id: last, error: lost() }
    const { id, event, data } = message
    if (event === 'stream.error') return yield { kind: 'error', id, error: toldBy(data) }
    if (data === DONE) return yield { kind: 'done', id }
    if (event === undefined) yield { kind: 'chunk', id, data }
  }
  if (!signal.aborted) yield { kind: 'error', id: last, error: lost() }
}

/** The error that a room was told of, by the data of its `stream.error`. */
export function toldBy(data: string): SseError {
  const { code, message, retryAfter } = JSON.parse(data) as { code: SseErrorCode; message: string; retryAfter?: number }
  return new SseError(code, message, { retryAfter })
}

export const lost = (): SseError =>
  new SseError('not-found', 'Cannot resume: this part of the answer is not kept any more')
