// A ticket for one stream of a room: it stands in the address in place of the token, which stands in no address.
import { SseError } from './client/client.js'
import { refusalOf } from './refusal.js'
import { bearer } from './token.js'

/**
 * Asked for anew before each attempt, because a ticket opens one stream.
 * @param {string} room
 * @returns {Promise<string>} rejects with an `SseError` where there is no point in asking again
 */
export async function roomTicket(room) {
  const answer = await fetch('/tickets', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer() },
    body: JSON.stringify({ room }),
  })
  if (answer.ok) return (await answer.json()).ticket
  const refusal = await refusalOf(answer)
  // Without a status: `connect` would ask once more for what a 401 or 403 of its own is.
  throw refusal.isFinal ? new SseError('refused', refusal.message, { cause: refusal }) : refusal
}
