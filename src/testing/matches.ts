/** Whether a message is the one that a test expects. */
import { SseError } from '../errors.ts'
import type { ParsedMessage } from '../parse.ts'

/** What is named is compared, the rest may be anything; what is named as undefined has to be absent. */
export interface ExpectedMessage {
  /**
   * Text, to the letter; a pattern; or a value, which the text has to be as JSON: of its objects what is named is compared,
   * its lists are compared whole, and a pattern may stand for a text.
   */
  data?: unknown
  /** `message` is also one without a name, as `EventSource` has it. */
  event?: string | RegExp | undefined
  id?: string | RegExp | undefined
}

const FIELDS = ['data', 'event', 'id'] as const

/** Throws `invalid-option` for what can be no message: it would fit nothing, or everything. */
export function checkExpected(expected: ExpectedMessage): void {
  for (const field of Object.keys(expected))
    if (!(FIELDS as readonly string[]).includes(field))
      throw new SseError('invalid-option', `Cannot expect a message: it has no \`${field.slice(0, 64)}\``, { field })
}

export const matches = (expected: ExpectedMessage, message: ParsedMessage): boolean =>
  FIELDS.every((field) => !(field in expected) || fieldFits(field, expected[field], message))

function fieldFits(field: (typeof FIELDS)[number], expected: unknown, message: ParsedMessage): boolean {
  const text = field === 'event' ? message.event || undefined : message[field]
  if (field === 'event' && expected === 'message') return text === undefined || text === 'message'
  if (expected === undefined || typeof expected === 'string') return text === expected
  if (text === undefined || expected instanceof RegExp) return fits(expected, text)
  try {
    return fits(expected, JSON.parse(text))
  } catch {
    return false // It is no JSON.
  }
}

function fits(expected: unknown, value: unknown): boolean {
  // Not `test`: with `g` it goes on where it stopped the last time.
  if (expected instanceof RegExp) return typeof value === 'string' && value.search(expected) >= 0
  if (typeof expected !== 'object' || expected === null) return expected === value
  if (typeof value !== 'object' || value === null || Array.isArray(expected) !== Array.isArray(value)) return false
  if (Array.isArray(expected) && expected.length !== (value as unknown[]).length) return false
  return Object.entries(expected).every(([name, part]) =>
    part === undefined ? !Object.hasOwn(value, name) : Object.hasOwn(value, name) && fits(part, value[name as never]),
  )
}
