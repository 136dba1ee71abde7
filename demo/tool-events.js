// The events of the chat tool as what they say: a question, a piece of an answer, all of one, or something else.
import { spoken } from './spoken.js'

/** Names of its messages; whatever else is said in the room has none of them. */
export const toolNames = ['message', 'question', 'delta', 'chat']

/**
 * @param {{ id: string, event: string, data: string }} message
 * @param {object} on
 * @param {(question: { id: string, name?: string, role?: string, content: string }) => unknown} on.question what it gives is given back
 * @param {(id: string, text: string) => void} on.delta
 * @param {(id: string, content: string) => void} on.whole
 * @param {(line: { id: string, event: string, from?: string, text: string, raw: boolean }) => void} on.other
 */
export function toolEvent(message, on) {
  const { event, data } = message
  const { id, role, name, content, text } = parsed(data) ?? {}
  const isOurs = typeof id === 'string'
  if (event === 'question' && isOurs && typeof content === 'string')
    return on.question({ id, name: word(name), role: role === 'user' ? undefined : word(role), content })
  if (event === 'delta' && isOurs && typeof text === 'string') return on.delta(id, text)
  if (event === 'message' && isOurs && role === 'assistant' && typeof content === 'string') return on.whole(id, content)
  return on.other({ ...message, ...spoken(message) })
}

const word = (value) => (typeof value === 'string' && value !== '' ? value : undefined)

function parsed(data) {
  try {
    return JSON.parse(data)
  } catch {
    return undefined
  }
}
