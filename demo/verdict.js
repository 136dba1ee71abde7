// What a refusal means for whoever would go on asking.
import { refusalOf } from './refusal.js'

/** What a server that is busy is left alone for, where it does not say how long, in milliseconds. */
export const least = 3_000

/**
 * @param {Response} answer to a request, not a good one
 * @returns {Promise<{ stop?: 'signed-out' | 'refused' | 'ended', wait?: number, reason: string }>} `stop`: there is no
 *   point in asking again; `wait`: not before so many milliseconds
 */
export async function verdict(answer) {
  const { status, slug, reason, wait } = await refusalOf(answer)
  if (status === 401) return { stop: 'signed-out', reason }
  if (status === 403) return { stop: 'refused', reason }
  if (slug === 'access-not-configured') return { stop: 'ended', reason }
  if (status === 429 || status === 503) return { wait: wait || least, reason }
  // A room where nothing was said yet is unknown to the server and still a room to wait in.
  return status >= 500 || status === 404 || status === 408 ? { reason } : { stop: 'ended', reason }
}
