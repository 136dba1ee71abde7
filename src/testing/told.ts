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
