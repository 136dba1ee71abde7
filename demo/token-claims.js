// What a token says of itself. Nothing is verified here: what counts is what the server answers.
// https://www.rfc-editor.org/rfc/rfc7519

/** The last moment a `Date` can tell. */
const lastDay = 8.64e15

/** Rooms that are named; a token may hold more. */
const mostNamed = 8

/**
 * @param {string} token
 * @returns {{ subject: string, expires?: number, rooms: [pattern: string, actions: unknown[]][], can: unknown[] } | undefined}
 *   `expires` in milliseconds since 1970; undefined for what is no JWT: a secret, which may do everything
 */
export function claimsOf(token) {
  if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)) return undefined
  try {
    const text = atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0))
    const { sub, exp, rooms, can } = JSON.parse(new TextDecoder().decode(bytes))
    return {
      subject: typeof sub === 'string' ? sub : '',
      expires: typeof exp === 'number' ? Math.min(exp * 1000, lastDay) : undefined,
      rooms: Object.entries(rooms ?? {}).filter(([, actions]) => Array.isArray(actions)),
      can: Array.isArray(can) ? can : [],
    }
  } catch {
    return undefined
  }
}

/**
 * Whether they let somebody read and speak in a room: its name, or the beginning of names and a `*`. `right` is the one that
 * it takes to speak there.
 */
export function rightsIn(claims, room, right = 'publish') {
  if (!claims) return { read: true, speak: true }
  const fits = (pattern) => (pattern.endsWith('*') ? room.startsWith(pattern.slice(0, -1)) : room === pattern)
  const actions = claims.rooms.filter(([pattern]) => fits(pattern)).flatMap(([, some]) => some)
  return { read: actions.includes('subscribe'), speak: actions.includes(right) }
}

/** The rooms they are for, in words: `lobby (read and speak), team-* (read)`. Empty where there are none. */
export function roomsOf({ rooms }, words = { subscribe: 'read', publish: 'speak' }) {
  const named = rooms
    .map(([pattern, actions]) => [pattern, Object.keys(words).filter((action) => actions.includes(action))])
    .filter(([, actions]) => actions.length > 0)
    .map(([pattern, actions]) => `${pattern.slice(0, 65)} (${actions.map((action) => words[action]).join(' and ')})`)
  const more = named.length - mostNamed
  return more > 0 ? `${named.slice(0, mostNamed).join(', ')} and ${more} more` : named.join(', ')
}
