// Sends one thing. The same key goes with every attempt, so that one more attempt is never a second message.
import { refusalOf } from './refusal.js'
import { bearer, heldToken } from './token.js'

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
  const { status, reason, wait } = await refusalOf(answer)
  // Of a token that was given back meanwhile, nothing has to be said.
  const isSignedOut = status === 401 && token === heldToken()
  // A room may also refuse this one message, with the same status: the next may pass.
  const isRefused = status === 403 && /no right/.test(reason)
  return {
    mayHeal: status >= 500 || status === 401 || status === 408 || status === 429,
    reason: status === 401 ? 'sign in to send it' : reason,
    wait,
    lacks: isSignedOut ? 'signed-out' : isRefused ? 'refused' : undefined,
  }
}
