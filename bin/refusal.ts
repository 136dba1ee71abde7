/** Why a server refused, with what it says of it. https://www.rfc-editor.org/rfc/rfc9457 */
import { SseError } from 'edge-sse'

/**
 * What a person reads of an error: that of a server in its own words, where it has some. What is no event stream is
 * often a page, and `hint` says what to do about anything else.
 */
export function explained(error: unknown, hint?: string): unknown {
  if (!(error instanceof SseError)) return error
  const { code, message, cause } = error
  const { said, help } = wordsOf(cause)
  if (code === 'refused') return said || help ? new Error(`${message}: ${sentences(said, help)}`) : error
  if (code !== 'not-an-event-stream') return error
  // Last is what may be long, and is cut.
  return new Error(sentences(message, /"text\/html/i.test(message) ? PAGE : hint, said && `It says: ${said}`))
}

const PAGE = 'That is a page. Its stream has a URL of its own, which the network tab of a browser shows'

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
