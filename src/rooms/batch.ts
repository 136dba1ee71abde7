/** Messages that are published together: what is wrong with one of them names it. */
import { located } from '../errors.ts'

/** Does something with each message; an error says which one it was, where there are several. */
export function eachMessage<Message, Result>(
  messages: readonly Message[],
  work: (message: Message, index: number) => Result,
): Result[] {
  // Holes too: they are no messages, and `map` would pass over them.
  return Array.from(messages, (message, index) => {
    try {
      return work(message, index)
    } catch (error) {
      throw whichMessage(error, messages, index)
    }
  })
}

/** The same error with the number of the message it is about. */
export const whichMessage = (error: unknown, messages: readonly unknown[], index: number): unknown =>
  messages.length > 1 ? located(error, `message ${index + 1}`) : error
