// Says one thing in a room. The same key goes with every attempt, so that one more attempt is never a second message.

/** How long one attempt may take, in milliseconds. */
const patience = 10_000

/**
 * One attempt.
 * @param {string} room
 * @param {{ event?: string, data: unknown }} message
 * @param {string} key an Idempotency-Key; use it again to send the same message after a failure
 * @returns {Promise<{ id: string } | { reason: string, mayHeal: boolean }>} `mayHeal`: another attempt may succeed
 */
export async function publish(room, message, key) {
  let answer
  try {
    answer = await fetch(`/rooms/${encodeURIComponent(room)}/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(message),
      signal: AbortSignal.timeout(patience),
    })
    if (answer.ok) return { id: (await answer.json()).id }
  } catch {
    return { mayHeal: true, reason: 'the server did not answer' }
  }
  const problem = await answer.json().catch(() => ({}))
  return {
    mayHeal: answer.status >= 500 || answer.status === 408 || answer.status === 429,
    reason: problem.detail ?? problem.title ?? `the server answered ${answer.status}`,
  }
}
