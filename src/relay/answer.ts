/**
 * An answer: a run of a producer in a room of its own, whoever reads it. The room is named after the answer and whoever asked:
 * for anybody else there is none.
 */
import { byteLength } from '../byte-length.ts'
import { SseError } from '../errors.ts'
import type { Grant } from '../grant.ts'
import type { App } from '../handler.ts'
import { getLastEventId } from '../last-event-id.ts'
import type { Producers } from '../rooms/producer.ts'
import type { Room } from '../rooms/room.ts'
import { AnswerLength } from './answer-length.ts'
import { type ChatRequest, formatRequest, parseRequest } from './chat-request.ts'
import { DONE } from './chunk.ts'
import type { Models } from './model.ts'
import { modelsFrom } from './models.ts'

export interface Answer {
  /** 32 hexadecimal digits. */
  id: string
  room: Room
  /** What becomes of it when nobody reads it any more. */
  whenEmpty: 'continue' | 'cancel'
  /** True when it was there before. */
  duplicate: boolean
  /** Id of the newest event of an answer that is over; whoever has read that has read all. */
  readTo?: string | null | undefined
}

export interface AnswerOptions {
  /** What it is called, where that has to be known before it is asked. Defaults to an id that its key makes, or one of its own. */
  id?: string | undefined
  /** The same key is the same answer: 1 to 64 printable characters, scoped to who asks. */
  key?: string | undefined
  /** What becomes of it when nobody reads it any more. Defaults to `continue`. */
  whenEmpty?: 'continue' | 'cancel' | undefined
  /** The request that asks, for the headers of it that a model may see. */
  request?: Request | undefined
}

/** Milliseconds between two beats where an answer ends with its last reader: on workerd a beat is what finds that it has left. */
export const SOON = 500

/** Bytes of a whole answer: with what stands around each chunk it is less than a room keeps. */
const LARGEST = 6_291_456

/** The name of the producer. */
const ANSWER = 'answer'
/** https://www.w3.org/TR/trace-context/ */
const FORWARDED = ['traceparent', 'tracestate']

/** What has to be registered where rooms live, for answers to be made there. */
export function answerProducers(models: Models): Producers {
  return {
    async *[ANSWER](input, { signal }) {
      const { request: text, headers } = input as { request: string; headers?: Record<string, string> }
      const request = parseRequest(text)
      const length = new AnswerLength(LARGEST, '6 MiB')
      for await (const data of models.find(request.model).ask(request, { signal, headers })) {
        length.add(byteLength(data))
        yield { data }
      }
      length.end(signal)
      // Returned, so that who has read it finds the answer over.
      return { data: DONE }
    },
  }
}

/**
 * Asks the model that the request names. Rejects with `unknown-provider`, with `idempotency-conflict` where the key was used
 * for another request, and as `Room.start` does.
 */
export async function startAnswer(
  { rooms, env, grant }: App,
  chat: ChatRequest,
  { key, id: given, whenEmpty = 'continue', request }: AnswerOptions = {},
): Promise<Answer> {
  const { name } = modelsFrom(env).find(chat.model)
  const id = given ?? (key === undefined ? newAnswerId() : await digest(key))
  const room = await answerRoom({ rooms, grant }, id)
  // Offline, a name says how it answers.
  const asked = formatRequest({ ...chat, model: chat.model ?? name, stream: true })
  // With a key, what changes from one attempt to the next must not make it another request.
  const headers = key === undefined && request ? forwarded(request) : undefined
  const { duplicate } = await room.start(
    ANSWER,
    { request: asked, ...(headers && { headers }) },
    { key, subject: grant?.subject, whenEmpty },
  )
  return duplicate ? findAnswer({ rooms, grant }, id) : { id, room, whenEmpty, duplicate }
}

/** An answer that is there. Rejects with `not-found` for none, and for that of another. */
export async function findAnswer(app: Pick<App, 'rooms' | 'grant'>, id: string): Promise<Answer> {
  const room = /^[\da-f]{32}$/.test(id) ? await answerRoom(app, id) : undefined
  const info = await room?.info()
  // What is over has said how it ended: where nothing of it is kept any more, it has expired.
  const expired = info?.state === 'closed' && info.oldest === null
  if (!room || !info || expired) throw new SseError('not-found', 'Cannot find answer: there is none of that id')
  const whenEmpty = info.runs?.[0]?.whenEmpty ?? 'continue'
  return { id, room, whenEmpty, duplicate: true, readTo: info.state === 'closed' ? info.newest : undefined }
}

/** Stops its model: readers get what was said until then, and `producer-stopped`. */
export async function stopAnswer({ room }: Answer): Promise<void> {
  for (const { run } of (await room.info())?.runs ?? []) await room.stop(run)
}

/** Whoever left before it was a reader has left all the same: an answer that ends with its last reader ends now. */
export async function endUnread({ signal }: Request, { room, whenEmpty }: Answer): Promise<void> {
  if (whenEmpty === 'continue' || !signal?.aborted) return
  const info = await room.info()
  if (info?.subscribers === 0) for (const { run } of info.runs ?? []) await room.stop(run)
}

/** 32 hexadecimal digits that nobody guesses. */
export const newAnswerId = (): string => crypto.randomUUID().replaceAll('-', '')

/** Its room as an event stream: for any number of readers, and as often as they come back. */
export async function subscribeToAnswer(
  request: Request,
  { id, room, whenEmpty }: Answer,
  grant?: Grant,
): Promise<Response> {
  const lastEventId = getLastEventId(request)
  // Who comes from a stream of chunks brings an id that names the answer.
  const after = lastEventId.startsWith(`${id}~`) ? lastEventId.slice(id.length + 1) : lastEventId
  const options = { ...grant, after, from: 'start' } as const
  return room.subscribe(request, whenEmpty === 'cancel' ? { ...options, heartbeat: SOON } : options)
}

/** Where everybody is the same, no digest has to be waited for. Whoever is nobody names no room of a subject by any id. */
const answerRoom = async ({ rooms, grant }: Pick<App, 'rooms' | 'grant'>, id: string): Promise<Room> =>
  rooms.get(grant?.subject ? `~answer-of-${await digest(JSON.stringify([grant.subject, id]))}` : `~answer-${id}`)

/** 32 hexadecimal digits. */
export async function digest(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return Array.from(bytes.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function forwarded({ headers }: Request): Record<string, string> | undefined {
  const entries = FORWARDED.flatMap((name) => {
    const value = headers.get(name)
    return value !== null && /^[\x20-\x7e]{1,512}$/.test(value) ? [[name, value]] : []
  })
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}
