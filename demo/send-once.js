// Sends one thing. The same key goes with every attempt, so that one more attempt is never a second message.
import { bearer, heldToken } from './token.js'
import { verdict } from './verdict.js'

/** How long one attempt may take, in milliseconds. */
const patience = 10_000

/**
 * One attempt.
 * @param {string} path
 * @param {object} body
 * @param {string} key an Idempotency-Key; use it again to send the same message after a failure
 * @returns {Promise<{ id: string } | { reason: string, mayHeal: boolean, wait?: number, lacks?: 'signed-out' | 'refused' }>}
 *   `mayHeal`: another attempt may succeed, not before `wait` milliseconds; `lacks`: a token, or the right to speak
 */
export async function sendOnce(path, body, key) {
  const token = heldToken()
  let answer
  try {
    answer = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key, ...bearer() },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(patience),
    })
    if (answer.ok) return { id: (await answer.json()).id }
  } catch {
    return { mayHeal: true, reason: 'the server did not answer' }
  }
  const { status } = answer
  const { reason, wait, stop } = await verdict(answer)
  // Of a token that was given back meanwhile, nothing has to be said.
  const isOld = token !== heldToken()
  return {
    mayHeal: status >= 500 || status === 401 || status === 408 || status === 429,
    reason: stop === 'signed-out' ? 'sign in to send it' : reason,
    wait,
    // A room may also refuse this one message, with the same status: the next may pass.
    lacks: (stop === 'signed-out' && !isOld) || (stop === 'refused' && /no right/.test(reason)) ? stop : undefined,
  }
}
