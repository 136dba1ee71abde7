/** Where a reader of an answer stands: `<answer>~<cursor>`, so that the id alone says which answer it was reading. */
import { SseError } from '../errors.ts'
import { parseCursor } from '../rooms/cursor.ts'

export interface AnswerCursor {
  answer: string
  /** The cursor in the room of the answer; `0` before everything. */
  after: string
}

export const formatAnswerCursor = (answer: string, after: string): string => `${answer}~${after}`

/** Throws `invalid-last-event-id` for what is none. */
export function parseAnswerCursor(id: string): AnswerCursor {
  const [, answer, after] = /^([\da-f]{32})~([\w-]{1,32})$/.exec(id) ?? []
  if (answer === undefined || after === undefined || !parseCursor(after))
    throw new SseError('invalid-last-event-id', 'Cannot resume: the last event id is not one of an answer')
  return { answer, after }
}
