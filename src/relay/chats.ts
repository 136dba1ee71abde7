/** Which answer a chat has now: a note in a room of the chat's own, so that whoever comes back to the chat finds it. */
import { byteLength } from '../byte-length.ts'
import { SseError } from '../errors.ts'
import type { App } from '../handler.ts'
import { parseCursor } from '../rooms/cursor.ts'
import type { Room } from '../rooms/room.ts'
import { type Answer, type AnswerOptions, digest, findAnswer, newAnswerId, startAnswer, stopAnswer } from './answer.ts'
import type { ChatRequest } from './chat-request.ts'
import type { UiPart } from './ui-messages.ts'

/** What is noted of it. */
export interface ChatAnswer {
  /** Its id; `''` where the chat was stopped. */
  answer: string
  messageId?: string | undefined
  before?: UiPart[] | undefined
}

type Whose = Pick<App, 'rooms' | 'grant'>

/** Bytes of a note, less than an event holds: what does not fit is not said again. */
const LONGEST = 200_000

/** Its newest answer that goes on; undefined where none does, or the chat is another's. */
export async function findChatAnswer(
  app: Whose,
  chat: string,
): Promise<{ answer: Answer; note: ChatAnswer } | undefined> {
  const { note } = (await newest(await chatRoom(app, chat))) ?? {}
  const answer = note && (await found(app, note.answer))
  return answer && answer.readTo === undefined ? { answer, note } : undefined
}

/**
 * Asks a model in a chat, which has one answer at a time: what was asked before is not waited for any more. It is noted first:
 * from the moment that the model is asked on, whoever stops the chat or comes back to it finds the answer. A key is one of its
 * chat: who comes again with it gets that answer, and ends nothing that was asked since. Rejects as `startAnswer` does.
 */
export async function startChatAnswer(
  app: App,
  chat: string,
  request: ChatRequest,
  { messageId, before, key, ...options }: Omit<AnswerOptions, 'id'> & Omit<ChatAnswer, 'answer'> = {},
): Promise<Answer> {
  const room = await chatRoom(app, chat)
  const id = key === undefined ? newAnswerId() : await digest(JSON.stringify([chat, key]))
  await replace(app, room, { answer: id, messageId, before }, key)
  const answer = await startAnswer(app, request, { ...options, id, key })
  // Whoever stopped the chat, or asked in it, between the two, found no answer yet.
  if ((await newest(room))?.note.answer !== id) await stopAnswer(answer)
  return answer
}

/** Stops the answer that it has now, or is about to have. */
export async function stopChatAnswer(app: Whose, chat: string): Promise<void> {
  const room = await chatRoom(app, chat)
  if (await newest(room)) await replace(app, room, { answer: '' })
}

/** First the note, then the end of the answer before it: so one of two that do this at once finds the other's. */
async function replace(app: Whose, room: Room, note: ChatAnswer, key?: string): Promise<void> {
  const before = await newest(room)
  const fits = byteLength(JSON.stringify(note)) <= LONGEST
  const data = fits ? note : { ...note, before: undefined }
  const { id } = await room.publish({ data }, { subject: app.grant?.subject, key })
  // Under a key it may stand where it stood, before what was noted since.
  if (!before || before.seq >= seqOf(id)) return
  const answer = await found(app, before.note.answer)
  if (answer && answer.readTo === undefined) await stopAnswer(answer)
}

async function newest(room: Room): Promise<{ note: ChatAnswer; seq: number } | undefined> {
  for await (const message of room.read({ from: 1, live: false }))
    if ('data' in message) return { note: JSON.parse(message.data) as ChatAnswer, seq: seqOf(message.id) }
  return undefined
}

const seqOf = (id: string): number => parseCursor(id)?.seq ?? 0

const found = (app: Whose, id: string): Promise<Answer | undefined> =>
  findAnswer(app, id).catch((error: unknown) => {
    if (error instanceof SseError && error.code === 'not-found') return undefined
    throw error
  })

const chatRoom = async ({ rooms, grant }: Whose, chat: string): Promise<Room> =>
  rooms.get(`~chat-${await digest(JSON.stringify([grant?.subject ?? '', chat]))}`)
