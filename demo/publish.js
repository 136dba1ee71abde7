// Says one thing in a room, exactly once: the same key goes with every attempt, so a retry is never a second message.

/** Attempts before the sender is told, and the wait before each further one, in milliseconds. */
const waits = [500, 1500]

/** How long one attempt may take, in milliseconds. */
const patience = 10_000

/**
 * @param {string} room
 * @param {{ event?: string, data: unknown }} message
 * @param {string} key an Idempotency-Key; use it again to send the same message after a failure
 * @returns {Promise<{ id: string, duplicate: boolean }>}
 */
export async function publish(room, message, key) {
  for (let attempt = 0; ; attempt++) {
    const outcome = await post(room, message, key)
    if (outcome.published) return outcome.published
    if (!outcome.mayHeal || attempt === waits.length) throw new Error(outcome.reason)
    await new Promise((resolve) => setTimeout(resolve, waits[attempt] * (0.5 + Math.random() / 2)))
  }
}

async function post(room, message, key) {
  let answer
  try {
    answer = await fetch(`/rooms/${encodeURIComponent(room)}/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(message),
      signal: AbortSignal.timeout(patience),
    })
    if (answer.ok) return { published: await answer.json() }
  } catch {
    return { mayHeal: true, reason: 'the server did not answer' }
  }
  const problem = await answer.json().catch(() => ({}))
  return {
    mayHeal: answer.status >= 500 || answer.status === 429,
    reason: problem.detail ?? problem.title ?? `the server answered ${answer.status}`,
  }
}
