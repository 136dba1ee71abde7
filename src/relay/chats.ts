/** Which answer a chat has now: a note in a room of the chat's own, so that whoever comes back to the chat finds it. */
import type { App } from '../handler.ts'
import type { Room } from '../rooms/room.ts'
import { type Answer, digest, findAnswer, stopAnswer } from './answer.ts'
import type { UiPart } from './ui-messages.ts'

/** What is noted of it. */
export interface ChatAnswer {
  answer: string
  messageId?: string | undefined
  before?: UiPart[] | undefined
}

const encoder = new TextEncoder()
/** Bytes of a note, less than an event holds: what does not fit is not said again. */
const LONGEST = 200_000

/** Its newest answer that goes on; undefined where none does, or the chat is another's. */
export async function findChatAnswer(
  app: Pick<App, 'rooms' | 'grant'>,
  chat: string,
): Promise<{ answer: Answer; note: ChatAnswer } | undefined> {
  const room = await chatRoom(app, chat)
  for await (const message of room.read({ from: 1, live: false })) {
    if ('gap' in message) continue
    const note = JSON.parse(message.data) as ChatAnswer
    const answer = await findAnswer(app, note.answer).catch(() => undefined)
    if (answer && answer.readTo === undefined) return { answer, note }
  }
  return undefined
}

/** From now on it is this one. */
export async function noteChatAnswer(app: App, chat: string, note: ChatAnswer): Promise<void> {
  const room = await chatRoom(app, chat)
  const fits = encoder.encode(JSON.stringify(note)).byteLength <= LONGEST
  await room.publish({ data: fits ? note : { ...note, before: undefined } }, { subject: app.grant?.subject })
}

/** Stops the answer that it has now, if it has one. */
export async function stopChatAnswer(app: Pick<App, 'rooms' | 'grant'>, chat: string): Promise<void> {
  const found = await findChatAnswer(app, chat)
  if (found) await stopAnswer(found.answer)
}

const chatRoom = async ({ rooms, grant }: Pick<App, 'rooms' | 'grant'>, chat: string): Promise<Room> =>
  rooms.get(`~chat-${await digest(JSON.stringify([grant?.subject ?? '', chat]))}`)
