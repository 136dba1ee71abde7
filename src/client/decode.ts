/** From the text of a message to what its reader gets. */
import { SseError } from '../errors.ts'
import type { ParsedMessage } from '../parse.ts'
import { jsonOrText } from './json-or-text.ts'
import type { ClientMessage } from './messages.ts'
import { isOwn } from './own-events.ts'
import type { StandardResult, StandardSchema } from './standard-schema.ts'

export interface DecodeOptions {
  schemas?: object
  parse?: (data: string, event: string) => unknown
}

type Decoded = ClientMessage<string, unknown>

/**
 * The message with the data that `parse` and a schema make of its text. Throws, or rejects with, `invalid-message` where
 * they refuse it.
 */
export function decode(
  { event = 'message', data, id }: ParsedMessage,
  options: DecodeOptions,
): Decoded | Promise<Decoded> {
  const schemas = options.schemas as Record<string, StandardSchema<unknown>> | undefined
  const own = isOwn(event)
  // An event may be called `constructor`.
  const schema = !own && schemas && Object.hasOwn(schemas, event) ? schemas[event] : undefined
  const parse = options.parse ?? (schema && JSON.parse)
  const refused = (cause: unknown): SseError =>
    new SseError('invalid-message', 'Cannot read message: its data is refused', { field: event, cause })
  const checked = (result: StandardResult<unknown>): Decoded => {
    if (result.issues) throw refused(result.issues)
    return { event, data: result.value, ...(id !== undefined && { id }) }
  }
  let value: unknown = data
  try {
    // Somebody else's event may have such a name. And a name is no reviver, whatever `JSON.parse` would take it for.
    value = own ? jsonOrText(data) : parse ? parse(data, event as never) : data
  } catch (error) {
    throw refused(error)
  }
  const result = schema ? schema['~standard'].validate(value) : { value }
  return result instanceof Promise ? result.then(checked) : checked(result)
}
