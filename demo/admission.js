// A ticket for one stream of a room: EventSource cannot send a token, so a ticket in its address stands for it.
import { bearer } from './token.js'
import { verdict } from './verdict.js'

/**
 * Asked for anew before each attempt, because a ticket opens one stream.
 * @param {string} room
 * @param {AbortSignal} signal
 * @returns {Promise<{ query: { ticket: string } } | Awaited<ReturnType<typeof verdict>>>} rejects without an answer
 */
export async function admission(room, signal) {
  const answer = await fetch('/tickets', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer() },
    body: JSON.stringify({ room }),
    signal,
  })
  if (!answer.ok) return verdict(answer)
  const { ticket } = await answer.json()
  return { query: { ticket } }
}
