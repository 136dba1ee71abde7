// Which events this window published: two windows may share a name, so the name does not tell whose a line is.

/** As many as a page shows at most. */
const most = 500

/**
 * The window's own ids, kept over a reload and forgotten with the window.
 * @param {string} [place] where
 */
export function ownIds(place = 'edge-sse:mine') {
  const ids = new Set(read(place))
  return {
    has: (id) => ids.has(id),
    add(id) {
      ids.add(id)
      try {
        sessionStorage.setItem(place, JSON.stringify([...ids].slice(-most)))
      } catch {
        // Without storage the lines are still ours until the page is reloaded.
      }
    },
  }
}

function read(place) {
  try {
    return JSON.parse(sessionStorage.getItem(place) ?? '[]').filter((id) => typeof id === 'string')
  } catch {
    return []
  }
}
