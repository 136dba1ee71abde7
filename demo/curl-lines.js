// The same room from a terminal: a line that reads it, and one that speaks in it.
import { byId } from './element.js'
import { heldToken } from './token.js'

/** @param {string} room */
export function curlLines(room) {
  const url = `${location.origin}/rooms/${room}/events`
  // The name under which a shell may hold the token, never the token itself.
  const header = heldToken() ? ` \\\n  -H "authorization: Bearer $TOKEN"` : ''
  show('curl-read', `curl -N '${url}?from=10'${header}`)
  show(
    'curl-say',
    `curl ${url}${header} \\\n  -H 'content-type: application/json' \\\n  -d '{"event":"chat","data":{"from":"curl","text":"hello"}}'`,
  )
}

/** Leaves alone what somebody may just be marking. */
function show(id, line) {
  if (byId(id).textContent !== line) byId(id).textContent = line
}
