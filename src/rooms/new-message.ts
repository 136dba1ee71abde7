/** What a stranger wants to publish, as JSON says it. */
import { SseError } from '../errors.ts'
import { checkNewMessage } from './publish.ts'
import type { NewMessage } from './room.ts'

/**
 * A JSON value as a message. It takes `event` and `data`, and refuses what else is there: a field that would be dropped
 * in silence misleads. Throws `invalid-json` for what is no object, `id-not-accepted`, `invalid-message`.
 */
export function toNewMessage(value: unknown): NewMessage {
  // A number, read with its digits, is an object too, but none that inherits from `Object`.
  if (!(value instanceof Object) || Array.isArray(value))
    throw new SseError('invalid-json', 'Cannot publish: a message is not a JSON object')
  const { event, data, ...others } = value as { event?: string; data: unknown }
  if (Object.hasOwn(others, 'id'))
    throw new SseError('id-not-accepted', 'Cannot publish: `id` is given by the room', { field: 'id' })
  if (Object.keys(others).length > 0)
    throw new SseError('invalid-message', 'Cannot publish: a message has a field other than `event` and `data`')
  return checkNewMessage({ event, data })
}
