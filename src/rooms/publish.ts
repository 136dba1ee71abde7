/** What may be published: checked where it comes in, before it travels to a room. */
import { byteLength } from '../byte-length.ts'
import { SseError } from '../errors.ts'
import { formatData, wellFormed } from '../message.ts'
import { eachMessage } from './batch.ts'
import { checkSize, type TextMessage } from './frame.ts'
import type { PublishTerms } from './log-keeper.ts'
import type { NewMessage } from './room.ts'

const encoder = new TextEncoder()
/** Messages of one publish. */
const MOST_MESSAGES = 1_000
/** Control, format (bidi), surrogate, private, unassigned and ignorable (zero width) characters; line separators. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

/**
 * A message as it goes to the room: `data` as text. Throws `invalid-message` without data, `cannot-encode` for data that has
 * no text, `invalid-event-name` for a name that is not printable text of at most 128 bytes, `reserved-event-name` for `stream.…`.
 */
export function checkMessage(message: NewMessage): TextMessage {
  const { event, data } = checkNewMessage(message)
  const text = wellFormed('data', formatData(data))
  return event === undefined ? { data: text } : { event, data: text }
}

/** The same, its data left as it is. */
export function checkNewMessage(message: NewMessage): NewMessage {
  if (typeof message !== 'object' || message === null)
    throw new SseError('invalid-message', 'Cannot publish: a message is not an object')
  const { event, data } = message
  if (data === undefined) throw new SseError('invalid-message', 'Cannot publish: `data` is missing', { field: 'data' })
  if (event !== undefined) checkEventName(event)
  return message
}

/** Messages of a batch, all or none of them good: an error says which one is not. */
export function checkMessages(messages: readonly NewMessage[]): TextMessage[] {
  if (!Array.isArray(messages)) throw new SseError('invalid-message', 'Cannot publish: the batch is not an array')
  if (messages.length > MOST_MESSAGES)
    throw new SseError('payload-too-large', 'Cannot publish: the batch has more than 1,000 messages')
  let total = 0
  return eachMessage(messages, (message) => {
    const checked = checkMessage(message)
    // Encoded it has at least as many bytes: what is far too large travels nowhere.
    total += checked.data.length
    checkSize(checked.data.length, total)
    return checked
  })
}

function checkEventName(event: unknown): void {
  if (typeof event !== 'string')
    throw new SseError('invalid-message', 'Cannot publish: `event` is not a string', { field: 'event' })
  if (event.startsWith('stream.'))
    throw new SseError('reserved-event-name', 'Cannot publish: `event` begins with `stream.`, which is reserved', {
      field: 'event',
    })
  if (UNPRINTABLE.test(event))
    throw new SseError('invalid-event-name', 'Cannot publish: `event` holds a character that is not printable', {
      field: 'event',
    })
  if (byteLength(event) > 128)
    throw new SseError('invalid-event-name', 'Cannot publish: `event` is longer than 128 bytes', { field: 'event' })
}

/** The key with a digest of what is done under it. Throws `invalid-idempotency-key`. */
export async function checkKey(key: string | undefined, what: unknown): Promise<PublishTerms['key']> {
  if (key === undefined) return undefined
  if (UNPRINTABLE.test(key) || key === '' || byteLength(key) > 64)
    throw new SseError(
      'invalid-idempotency-key',
      'Cannot publish: the idempotency key is not 1 to 64 printable characters',
    )
  const digest = await crypto.subtle.digest('SHA-256', encoder.encode(JSON.stringify(what)))
  return { name: key, hash: Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('') }
}

/** The same for messages. */
export const checkPublishKey = (key: string | undefined, messages: TextMessage[]): Promise<PublishTerms['key']> =>
  checkKey(
    key,
    messages.map(({ event = '', data }) => [event, data]),
  )
