/** Why a server refused, with what it says of it. https://www.rfc-editor.org/rfc/rfc9457 */
import { SseError } from 'edge-sse'

/** What a person reads of an error: that of a server in its own words, where it has some. */
export function explained(error: unknown): unknown {
  if (!(error instanceof SseError) || error.code !== 'refused') return error
  const { said, help } = wordsOf(error.cause)
  return said || help ? new Error(`${error.message}: ${sentences(said, help)}`) : error
}

/** What a server says in a problem, or as models do in an `error`. Not printable, and as long as it likes. */
export function wordsOf(problem: unknown): { said?: string | undefined; help?: string | undefined } {
  const { title, detail, help, error } = Object(problem) as Record<string, unknown>
  return { said: [detail, Object(error).message, title].find(isText), help: [help].find(isText) }
}

/** One after the other, those that there are. */
export const sentences = (...parts: (string | undefined)[]): string =>
  parts
    .filter(isText)
    .map((part, index, { length }) => (index < length - 1 ? part.replace(/\.$/, '') : part))
    .join('. ')

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
