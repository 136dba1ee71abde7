// Which room, and under which name: from the address if it says so, else what this browser remembers.

/** The rule of the server for room names; names that begin with `~` are its own. */
export const roomName = /^(?!~)(?!\.{1,2}$)[A-Za-z0-9._~-]{1,64}$/

/** Reads `#room=lobby` or `?room=lobby`, so that a link can be shared. */
export function readAddress() {
  const asked = fromParameters(location.hash.slice(1)) ?? fromParameters(location.search)
  // What is remembered is no better than what is asked: other programs of this origin can write there too.
  const room = [asked, recall(localStorage, 'room')].find((name) => name && roomName.test(name)) ?? 'lobby'
  return {
    room,
    // Two windows of one browser can be two people, so the window's own name comes first.
    name: recall(sessionStorage, 'name') ?? recall(localStorage, 'name') ?? '',
    /** This window was in the room when it was loaded anew, by whoever: it goes straight back. */
    isInside: recall(sessionStorage, 'inside') === room,
  }
}

/** Puts the room into the address and remembers both, for a reload and for the next visit. */
export function rememberAddress({ room, name }) {
  history.replaceState(null, '', addressOf(room))
  for (const storage of [sessionStorage, localStorage]) keep(storage, 'name', name)
  keep(localStorage, 'room', room)
  keep(sessionStorage, 'inside', room)
}

/** Whoever left on purpose is asked again. */
export const rememberLeft = () => keep(sessionStorage, 'inside', '')

/** The link that leads others into this room. */
export const addressOf = (room) => `${location.origin}/demo/room#room=${encodeURIComponent(room)}`

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
