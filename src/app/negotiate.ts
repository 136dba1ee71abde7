/** Which of its formats a path answers with: https://www.rfc-editor.org/rfc/rfc9110#name-proactive-negotiation */
import Negotiator from 'negotiator'
import { mediaType } from '../body-text.ts'
import { SseError } from '../errors.ts'
import type { Handler } from '../handler.ts'
import { ANY, type Endpoint, type Own } from './routes.ts'

/** What answers, and with which media type; to a POST the one of its body. */
export function negotiate(request: Request, { answers }: Endpoint): { type: string; handler: Handler | Own } {
  const types = Object.keys(answers)
  const chosen = (type: string) => ({ type, handler: answers[type] as Handler | Own })
  if (request.method === 'POST') {
    const type = mediaType(request) ?? ''
    // A body that none takes goes to the first, which refuses it.
    return chosen(Object.hasOwn(answers, type) ? type : (types[0] as string))
  }
  if (types[0] === ANY) return chosen(ANY)
  const accept = request.headers.get('accept') ?? ANY
  const type = new Negotiator({ headers: { accept } }).mediaType(types)
  if (type === undefined || !Object.hasOwn(answers, type))
    throw new SseError('not-acceptable', `Cannot answer: this path gives ${types.join(' or ')}`)
  return chosen(type)
}
