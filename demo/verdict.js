// What a refusal means for whoever would go on asking.

/** The longest that a server may ask to wait, in milliseconds. */
const longest = 120_000

/** What a server that is busy is left alone for, where it does not say how long, in milliseconds. */
export const least = 3_000

/**
 * @param {Response} answer to a request, not a good one
 * @returns {Promise<{ stop?: 'signed-out' | 'refused' | 'ended', wait?: number, reason: string }>} `stop`: there is no
 *   point in asking again; `wait`: not before so many milliseconds
 */
export async function verdict(answer) {
  const { status } = answer
  const { type, detail, title } = await answer.json().catch(() => ({}))
  const reason = detail ?? title ?? `the server answered ${status}`
  if (status === 401) return { stop: 'signed-out', reason }
  if (status === 403) return { stop: 'refused', reason }
  if (type === '/problems/access-not-configured') return { stop: 'ended', reason }
  if (status === 429 || status === 503) return { wait: waitOf(answer), reason }
  // A room where nothing was said yet is unknown to the server and still a room to wait in.
  return status >= 500 || status === 404 || status === 408 ? { reason } : { stop: 'ended', reason }
}

function waitOf({ headers }) {
  const seconds = Number(headers.get('retry-after'))
  return seconds > 0 ? Math.min(seconds * 1000, longest) : least
}
