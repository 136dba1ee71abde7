/** What a class that extends `RoomObject` says to a publish, before it is stored. */
import { SseError } from '../errors.ts'
import { whichMessage } from './batch.ts'
import type { Who } from './durable-socket.ts'
import type { TextMessage } from './frame.ts'
import { checkMessage } from './publish.ts'
import type { NewMessage } from './room.ts'

type Answer = NewMessage | boolean | undefined

/** Sees a message before it is stored: `false` refuses it, a message takes its place. */
export type PublishHook = (message: Readonly<TextMessage>, who: Who) => Answer | Promise<Answer>

/** The messages as the hook has them. Rejects with what it refuses, naming which. */
export async function agreedBy(hook: PublishHook, messages: TextMessage[], subject: string): Promise<TextMessage[]> {
  const agreed: TextMessage[] = []
  for (const [index, message] of messages.entries()) {
    try {
      const answer = await hook(Object.freeze(message), { subject })
      if (answer === false) throw new SseError('forbidden', 'Cannot publish: the room refuses this message')
      agreed.push(answer && typeof answer === 'object' ? checkMessage(answer) : message)
    } catch (cause) {
      throw whichMessage(cause instanceof SseError ? cause : hookFailed(cause), messages, index)
    }
  }
  return agreed
}

/** What a hook throws is for the log: the publisher learns that it failed, and that trying again is no use. */
const hookFailed = (cause: unknown): SseError =>
  new SseError('internal-error', 'Cannot publish: the room could not look at the message, nothing was stored', {
    cause,
  })
