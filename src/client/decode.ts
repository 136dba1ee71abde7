/** From the text of a message to what its reader gets. */
import { SseError } from '../errors.ts'
import type { ParsedMessage } from '../parse.ts'
import { jsonOrText } from './json-or-text.ts'
import type { ClientMessage } from './messages.ts'
import { isOwn } from './own-events.ts'
import type { StandardResult, StandardSchema } from './standard-schema.ts'

export interface DecodeOptions {
  schemas?: object | undefined
  parse?: ((data: string, event: string) => unknown) | undefined
}

type Decoded = ClientMessage<string, unknown>

/**
 * The message with the data that `parse` and a schema make of its text. Throws, or rejects with, `invalid-message` where
 * they refuse it.
 */
export function decode(
  { event = 'message', data, id }: ParsedMessage,
  { schemas = {}, parse }: DecodeOptions,
): Decoded | Promise<Decoded> {
  // Somebody else's event may have such a name.
  if (isOwn(event)) return { event, data: jsonOrText(data), id }
  // An event may be called `constructor`.
  const schema = Object.hasOwn(schemas, event) && (schemas as Record<string, StandardSchema<unknown>>)[event]
  const read = parse ?? (schema && JSON.parse)
  if (!read) return { event, data, id }
  const refused = (cause: unknown): SseError =>
    new SseError('invalid-message', 'Cannot read: its data is refused', { field: event, cause })
  const checked = (result: StandardResult<unknown>): Decoded => {
    if (result.issues) throw refused(result.issues)
    return { event, data: result.value, id }
  }
  let value: unknown
  try {
    // A name is no reviver, whatever `JSON.parse` would take it for.
    value = read(data, event as never)
  } catch (error) {
    throw refused(error)
  }
  const result = schema ? schema['~standard'].validate(value) : { value }
  return result instanceof Promise ? result.then(checked) : checked(result)
}
