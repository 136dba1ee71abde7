// A request as it stands on the wire, and one whose answer is no stream.
import { refusalOf } from './refusal.js'

/** How long an answer may take, in milliseconds. */
const patience = 10_000

/**
 * Shows what is asked. A token is never shown.
 * @param {ReturnType<import('./wire-lines.js').wireLines>} wire
 * @param {string} path
 * @param {{ method?: string, headers?: Record<string, string>, body?: string }} request
 */
export function showRequest(wire, path, { method = 'GET', headers = {}, body }) {
  wire.show(`${method} ${path}`, 'request')
  for (const [name, value] of Object.entries(headers))
    wire.show(`${name}: ${name === 'authorization' ? 'Bearer (your token)' : value}`, 'request-header')
  if (body) wire.show(body, 'request-header')
}

/** The first line of an answer. */
export function showAnswer(wire, { ok, status, statusText }) {
  // HTTP/2 has no words for a status.
  wire.show(`${status} ${statusText}`.trim(), ok ? 'answer' : 'refusal')
}

/**
 * Asks, and shows both on the wire.
 * @returns {Promise<Response>} rejects with words, and with a `Refusal` where it was refused
 */
export async function wireRequest(wire, path, request) {
  showRequest(wire, path, request)
  const answer = await fetch(path, { ...request, signal: AbortSignal.timeout(patience) }).catch(() => {
    wire.show('no answer', 'break')
    throw new Error('The server cannot be reached.')
  })
  showAnswer(wire, answer)
  if (!answer.ok) throw await refusalOf(answer)
  return answer
}
