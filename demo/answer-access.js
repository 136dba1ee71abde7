// Whether one may ask a model, and until when: by what the token says, and by what the server answers.
import { byId } from './element.js'
import { signIn } from './sign-in.js'
import { timeLeft } from './time-left.js'
import { heldToken, holdToken } from './token.js'
import { claimsOf } from './token-claims.js'

/**
 * @param {object} on
 * @param {() => void} on.signIn there is another token: try it
 * @param {() => void} on.signOut it was given back
 */
export function answerAccess(on) {
  const conversation = byId('conversation')
  const show = timeLeft((words) => (byId('time-left').textContent = `Your token ends ${words}.`))
  const form = signIn(byId('sign-in'), (token) => {
    holdToken(token)
    hasWorked = false
    draw()
    on.signIn()
  })
  /** The server has taken this token. */
  let hasWorked = false

  function draw() {
    const claims = claimsOf(heldToken())
    byId('access').hidden = !heldToken()
    byId('subject').textContent = claims?.subject ?? ''
    byId('signed-in').hidden = !claims?.subject
    byId('time-left').hidden = !claims?.expires
    show(claims?.expires)
  }

  function ask(why) {
    // What was said stays in sight; where nothing was, the form stands alone.
    conversation.dataset.asks = byId('turns').childElementCount > 0 ? 'beside' : 'alone'
    byId('ask').hidden = true
    form.ask(why)
  }

  function whySignedOut() {
    if (!heldToken()) return 'This server asks for a token: paste one that lets you ask a model.'
    return hasWorked || claimsOf(heldToken())?.expires < Date.now()
      ? 'Your token has ended or is not accepted any more. Sign in again to go on.'
      : 'This server does not accept that token. Paste another one.'
  }

  byId('sign-out').addEventListener('click', () => {
    holdToken('')
    draw()
    on.signOut()
  })
  draw()

  return {
    /** The server wants to know who asks: 401 if it does not, 403 if that one may not. */
    refused(status) {
      const isKnown = status === 403 && heldToken() !== ''
      const why = isKnown
        ? 'Your token does not let you ask a model: `answer` is not among what it can. Sign in with another one.'
        : whySignedOut()
      if (!isKnown) {
        holdToken('')
        draw()
      }
      ask(why)
    },
    /** The server has let one in. */
    accepted() {
      hasWorked = heldToken() !== ''
      delete conversation.dataset.asks
      byId('ask').hidden = false
      if (form.hide()) byId('text').focus()
    },
  }
}
