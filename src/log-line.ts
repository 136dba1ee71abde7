/** A line of the log: JSON in printable ASCII, whatever stands in it, and not too much of that. */
import { causeText } from './errors.ts'

/** Characters of a text in it: what `causeText` gives at most. */
const LONGEST = 2_000

export const logLine = (entry: object): string =>
  JSON.stringify(entry, (_, value: unknown) => (typeof value === 'string' ? value.slice(0, LONGEST) : value))
    // What a terminal would obey, or a reader take for something else, stays a number.
    .replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** Tells the operator what went wrong, where nobody else is told of it. */
export const logError = (code: string, cause: unknown): void =>
  console.error(logLine({ level: 'error', code, cause: causeText(cause) }))
