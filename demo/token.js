// The token this tab was given: kept until the tab is closed or it is given back, sent along with requests, never shown.

const place = 'edge-sse:token'

let token = read()

/** Empty where there is none. */
export const heldToken = () => token

/** Takes another one; an empty text forgets it. */
export function holdToken(text) {
  token = text
  try {
    if (text) sessionStorage.setItem(place, text)
    else sessionStorage.removeItem(place)
  } catch {
    // Without storage one is signed in until the page is loaded anew.
  }
}

/** Headers of a request: without a token there are none, and a cookie may do. */
export const bearer = () => (token ? { authorization: `Bearer ${token}` } : {})

function read() {
  try {
    return sessionStorage.getItem(place) ?? ''
  } catch {
    return ''
  }
}
