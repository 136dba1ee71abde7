/** Why a server refused, with what it says of it. https://www.rfc-editor.org/rfc/rfc9457 */
import { SseError } from 'edge-sse'

/** What to do, of a command: its server cannot know. */
export interface Hints {
  /** Where neither a stream answers nor a page. */
  type?: string
  /** 405. What a server says to that is about headers. */
  method?: string
}

/** What a person reads of an error: that of a server in its own words, where it has some, and what to do. */
export function explained(error: unknown, { type, method }: Hints = {}): unknown {
  if (!(error instanceof SseError)) return error
  const { code, message, cause, status } = error
  const { said, help } = wordsOf(cause)
  if (code === 'refused') {
    const todo = (status === 405 && method) || (status === 406 ? 'That is no event stream' : help)
    const more = sentences(said, todo, status === 401 ? TOKEN : undefined)
    return more ? new Error(`${message}: ${more}`) : error
  }
  if (code !== 'not-an-event-stream') return error
  // PHP calls whatever it sends a page, where it is not told otherwise.
  const isPage = /"text\/html/i.test(message) && typeof cause === 'string' && /^\s*</.test(cause)
  // Last is what may be long, and is cut.
  return new Error(sentences(message, isPage ? PAGE : type, said && `It says: ${said}`))
}

/** What a server says of it is about a header. */
export const TOKEN = 'A token goes into EDGE_SSE_TOKEN, or --token'
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
