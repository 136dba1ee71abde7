/** A value as text for an error: in one line, harmless to a terminal, and not too much of it. */

/** Characters of a value that are told, before those that are escaped. */
const LONGEST = 300
/** Control characters, those that turn the direction of a text, halves of pairs, and line breaks beyond ASCII. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu

export const told = (value: unknown): string => printable(jsonOf(value))

/** A text without quotes around it. */
export const printable = (text: string): string =>
  (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text).replace(
    UNPRINTABLE,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  )

/** Characters of JSON that are shown as the value that they are. */
const LONGEST_JSON = 10_000

/** A text as the value that it is as JSON, its texts harmless; as text where it is none, or is too long. */
export function asValue(text: string): unknown {
  try {
    if (text.length <= LONGEST_JSON)
      return JSON.parse(text, (_, part) => (typeof part === 'string' ? printable(part) : part))
  } catch {
    // It is no JSON.
  }
  return printable(text)
}

/** What an error says of itself. */
export function saidBy(error: unknown): string {
  try {
    return printable(String(error))
  } catch {
    return 'something that has no text'
  }
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value, readable) ?? String(value)
  } catch {
    return 'something that has no JSON'
  }
}

function readable(_: string, value: unknown): unknown {
  if (typeof value === 'string') return value.slice(0, 2 * LONGEST)
  return value instanceof RegExp || typeof value === 'bigint' ? String(value) : value
}
