// The same room from a terminal: a line that reads it, and one that speaks or asks in it.
import { byId } from './element.js'
import { heldToken } from './token.js'

/** @param {string} room */
export function curlLines(room) {
  const url = `${location.origin}/rooms/${room}/events`
  const header = tokenHeader()
  show('curl-read', `curl -N '${url}?from=10'${header}`)
  show(
    'curl-say',
    `curl ${url}${header} \\\n  -H 'content-type: application/json' \\\n  -d '{"event":"chat","data":{"from":"curl","text":"hello"}}'`,
  )
}

/** @param {string} room of the chat tool */
export function toolCurlLines(room) {
  const [url, header] = [`${location.origin}/server`, tokenHeader()]
  show('curl-read', `curl -N '${url}/events?room=${room}'${header}`)
  show(
    'curl-say',
    `curl '${url}/send?room=${room}'${header} \\\n  -H 'content-type: application/json' \\\n  -d '{"messages":[{"role":"user","name":"curl","content":"hello"}]}'`,
  )
}

/** The name under which a shell may hold the token, never the token itself. */
const tokenHeader = () => (heldToken() ? ` \\\n  -H "authorization: Bearer $TOKEN"` : '')

/** Leaves alone what somebody may just be marking. */
function show(id, line) {
  if (byId(id).textContent !== line) byId(id).textContent = line
}
