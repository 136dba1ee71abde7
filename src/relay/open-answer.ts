/** An answer about to be read by somebody: its first piece is waited for a little, so that what fails at once has a status. */
import type { SseError } from '../errors.ts'
import { sleep } from '../interval.ts'
import type { Answer } from './answer.ts'
import { type AnswerEvent, answerEvents } from './answer-events.ts'
import type { ReadAnswerOptions } from './answer-stream.ts'

/** What is read. It has to be left. */
export interface OpenAnswer extends AsyncIterable<AnswerEvent> {
  leave(): void
}

/** Rejects with what the answer failed of, when that comes first and in time. */
export async function openAnswer(
  request: Request,
  answer: Answer,
  { after = '0', subject, statusWithin = 500 }: ReadAnswerOptions,
): Promise<OpenAnswer> {
  const leaving = new AbortController()
  const events = answerEvents(answer, { after, subject, signal: leaving.signal })
  const leave = (): void => leaving.abort()
  let first: Promise<IteratorResult<AnswerEvent, void>> | undefined = events.next()
  try {
    const early = statusWithin > 0 ? await Promise.race([first, sleep(statusWithin, request.signal)]) : undefined
    if (early && !early.done && early.value.kind === 'error' && !isStop(early.value.error)) throw early.value.error
  } catch (error) {
    leave()
    throw error
  }
  first.catch(() => {}) // It is asked for again below, if anybody still reads.
  return {
    leave,
    [Symbol.asyncIterator]: () => ({
      next() {
        const next = first ?? events.next()
        first = undefined
        return next
      },
      async return() {
        leave()
        return { done: true, value: undefined }
      },
    }),
  }
}

/** Who has stopped it knows: it is an end of the stream, and no refusal that a client would show or try again after. */
const isStop = ({ code }: SseError): boolean => code === 'producer-stopped'
