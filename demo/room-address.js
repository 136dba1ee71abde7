// Which room, and under which name: from the address if it says so, else what this browser remembers.

/** The rule of the server for room names; names that begin with `~` are its own. */
export const roomName = /^(?!~)(?!\.{1,2}$)[A-Za-z0-9._~-]{1,64}$/

/** The pages with rooms: how a link to one looks, and under which names this browser remembers it. */
const roomPage = { link: '/demo/room#room=', otherwise: 'lobby', last: 'room', inside: 'inside' }
export const toolPage = { link: '/demo/chat-tool?room=', otherwise: 'chat', last: 'tool-room', inside: 'tool-inside' }

/** Reads `#room=lobby` or `?room=lobby`, so that a link can be shared. */
export function readAddress({ otherwise, last, inside } = roomPage) {
  const asked = fromParameters(location.hash.slice(1)) ?? fromParameters(location.search)
  // What is remembered is no better than what is asked: other programs of this origin can write there too.
  const room = [asked, recall(localStorage, last)].find((name) => name && roomName.test(name)) ?? otherwise
  return {
    room,
    // Two windows of one browser can be two people, so the window's own name comes first.
    name: recall(sessionStorage, 'name') ?? recall(localStorage, 'name') ?? '',
    /** This window was in the room when it was loaded anew, by whoever: it goes straight back. */
    isInside: recall(sessionStorage, inside) === room,
  }
}

/** Puts the room into the address and remembers both, for a reload and for the next visit. */
export function rememberAddress({ room, name }, page = roomPage) {
  history.replaceState(null, '', addressOf(room, page))
  for (const storage of [sessionStorage, localStorage]) keep(storage, 'name', name)
  keep(localStorage, page.last, room)
  keep(sessionStorage, page.inside, room)
}

/** Whoever left on purpose is asked again. */
export const rememberLeft = ({ inside } = roomPage) => keep(sessionStorage, inside, '')

/** The link that leads others into this room. */
export const addressOf = (room, { link } = roomPage) => `${location.origin}${link}${encodeURIComponent(room)}`

const fromParameters = (text) => new URLSearchParams(text).get('room')

function recall(storage, key) {
  try {
    return storage.getItem(`edge-sse:${key}`) ?? undefined
  } catch {
    return undefined
  }
}

function keep(storage, key, value) {
  try {
    storage.setItem(`edge-sse:${key}`, value)
  } catch {
    // A browser that forbids storage still lets people talk; it only asks for the name again.
  }
}
