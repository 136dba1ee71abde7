// Who one is in a room, what one may do there and until when: by what the token says, and by what the server answers.
import { byId } from './element.js'
import { signIn } from './sign-in.js'
import { timeLeft } from './time-left.js'
import { heldToken, holdToken } from './token.js'
import { claimsOf, rightsIn, roomsOf } from './token-claims.js'

/** A clock may differ from the server's by so much, in milliseconds. */
const skew = 10_000

/**
 * @param {object} on
 * @param {() => void} on.signIn there is another token: try it
 * @param {() => void} on.signOut it was given back
 * @param {(why: string) => void} on.mute why one may not speak; empty where one may
 * @param {object} [words]
 * @param {string} [words.right] that it takes to speak there
 * @param {string} [words.speak] what speaking is called there
 */
export function roomAccess(on, { right = 'publish', speak = 'speak' } = {}) {
  const conversation = byId('conversation')
  const box = byId('access')
  const show = timeLeft((words) => (byId('time-left').textContent = `Your token ends ${words}.`))
  const form = signIn(byId('sign-in'), (token) => {
    holdToken(token)
    begin()
    on.signIn()
  })
  let room = ''
  let claims
  let may = { read: true, speak: true }
  /** The server has taken this token. */
  let hasWorked = false
  let why = ''

  /** From here on it is about the token that is held now. */
  function begin() {
    claims = claimsOf(heldToken())
    may = heldToken() ? rightsIn(claims, room, right) : { read: true, speak: true }
    hasWorked = false
    why = ''
    draw()
  }

  function draw() {
    const token = heldToken()
    box.hidden = !token
    byId('mint').textContent = `npm run token -- --room ${room} --can subscribe,${right} --for 1h`
    if (token) {
      const says = rightsText()
      const rights = byId('rights')
      if (rights.textContent !== says) rights.textContent = says
      byId('subject').textContent = claims?.subject ?? ''
      byId('signed-in').hidden = !claims?.subject
    }
    byId('time-left').hidden = !claims?.expires
    show(token ? claims?.expires : undefined)
    on.mute(may.speak ? '' : `You may read ${room}, and not ${speak} in it.`)
  }

  function rightsText() {
    if (!claims) return 'You may do everything here.'
    if (may.read) return may.speak ? `You may read and ${speak} here.` : `You may read here, not ${speak}.`
    return may.speak ? `You may ${speak} here, not read.` : 'Your token is not for this room.'
  }

  function ask(text) {
    // What was read stays in sight; where nothing was, the form stands alone.
    conversation.dataset.asks = byId('history').childElementCount > 0 ? 'beside' : 'alone'
    byId('speak').hidden = true
    form.ask(text)
  }

  function settle() {
    delete conversation.dataset.asks
    byId('speak').hidden = false
    byId('deaf').hidden = may.read
    if (!form.hide()) return
    const box = byId('text')
    if (box.disabled) byId('history-box').focus()
    else box.focus()
  }

  function whySignedOut() {
    if (why) return why
    if (!heldToken()) return `${room} asks for a token: paste yours to go in.`
    if (claims?.expires < Date.now() + skew) return 'Your token has ended. Sign in again to go on.'
    return hasWorked
      ? 'Your token is not accepted any more. Sign in again to go on.'
      : 'This server does not accept that token. Paste another one.'
  }

  function whyRefused() {
    if (!heldToken()) return `You have no right to read ${room}. Sign in with a token that has it, or leave.`
    const rooms = claims ? roomsOf(claims, { subscribe: 'read', [right]: speak }) : ''
    const other = 'Sign in with another token, or leave and join another room.'
    return rooms
      ? `Your token gives no right in ${room}. It is for: ${rooms}. ${other}`
      : `Your token gives no right in ${room}, nor in any other room. ${other}`
  }

  byId('sign-out').addEventListener('click', () => {
    holdToken('')
    begin()
    why = 'You are signed out, and this tab has forgotten your token. Sign in to go on.'
    on.signOut()
  })

  return {
    enter(name) {
      room = name
      const before = why
      begin()
      why = before
    },

    /** The stream of the room is in this state. */
    follow(state) {
      if (state === 'signed-out') {
        const text = whySignedOut()
        holdToken('')
        begin()
        // It is said again after a cut, or when one asks anew.
        why = text
        ask(text)
      } else if (state === 'refused') {
        may.read = false
        draw()
        if (heldToken() && may.speak) settle()
        else ask(whyRefused())
      } else if (state === 'live' || state === 'gap') {
        // What a token says is not what decides, where the server lets in whom it does not name.
        if (heldToken() && !may.read) may = { read: true, speak: true }
        if (!hasWorked) draw()
        hasWorked = true
        why = ''
        settle()
      } else if (state === 'cut' || state === 'ended') settle()
    },

    /** The server has refused to let one speak here. */
    muted() {
      may.speak = false
      draw()
    },

    leave() {
      show()
      why = ''
      form.hide()
      delete conversation.dataset.asks
    },

    /** One may speak, and sees nothing of what is said. */
    get isDeaf() {
      return heldToken() !== '' && !may.read && may.speak
    },
  }
}
