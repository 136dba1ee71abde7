// The Room page: join, speak, watch the connection break and the stream resume where it stopped.
import { composer } from './composer.js'
import { copyButtons, onCopy } from './copy-button.js'
import { byId } from './element.js'
import { ownIds } from './own-ids.js'
import { addressOf, readAddress, rememberAddress } from './room-address.js'
import { roomHistory } from './room-history.js'
import { roomStream } from './room-stream.js'
import { spoken } from './spoken.js'
import { stateIndicator } from './state-indicator.js'
import { onSwitch } from './switch.js'

const gapReasons = {
  expired: 'what came next is older than the room keeps',
  unknown: 'the room does not know the place you stopped at; its log was replaced',
  slow: 'messages came faster than this connection could take them',
  malformed: 'the place you stopped at could not be read',
}

const lobby = byId('lobby')
const conversation = byId('conversation')
const showState = stateIndicator(byId('state'))
const readers = byId('readers')
const past = roomHistory(byId('history'), byId('history-box'), byId('newest'))
const setConnection = onSwitch(byId('connection'), (on) => {
  if (on) return stream.resume()
  // Cut while it was trying to come back: from now on it is away because someone wants it so.
  if (away) away.onPurpose = true
  stream.cut()
})

const mine = ownIds()
let here = readAddress()
let stream
let away

const speak = composer(byId('speak'), {
  who: () => here,
  onPublished(id) {
    mine.add(id)
    past.markMine(id)
  },
})

function join({ room, name }) {
  here = { room, name }
  rememberAddress(here)
  document.title = `${room} · Room · edge-sse`
  byId('room-title').textContent = room
  byId('you').textContent = name
  byId('curl-read').textContent = `curl -N '${location.origin}/rooms/${room}/events?from=10'`
  byId('curl-say').textContent =
    `curl ${location.origin}/rooms/${room}/events \\\n  -H 'content-type: application/json' \\\n  -d '{"event":"chat","data":{"from":"curl","text":"hello"}}'`
  lobby.hidden = true
  conversation.hidden = false
  setConnection(true)
  past.clear()
  past.busy(true)
  away = undefined
  stream = connect(room)
  speak.focus()
}

function connect(room) {
  return roomStream(room, {
    state(state) {
      showState(state)
      conversation.dataset.state = state
      if (state !== 'live' && state !== 'gap') readers.textContent = '–'
    },
    message(message) {
      byId('empty').hidden = true
      past.add({ ...message, ...spoken(message), mine: mine.has(message.id) })
    },
    readers(count) {
      readers.textContent = String(count)
    },
    lost({ after }) {
      const onPurpose = byId('connection').getAttribute('aria-checked') === 'false'
      past.busy(true)
      away = { onPurpose, mark: past.mark('away', onPurpose ? 'you are away' : 'the connection was lost'), after }
    },
    live({ at, caughtUp }) {
      past.busy(false)
      byId('empty').hidden = at !== '0'
      if (!away) return
      // A break that cost nothing and that nobody asked for (a deploy, a stream's maximum age) leaves no trace.
      if (!away.onPurpose && caughtUp === 0) away.mark.remove()
      else {
        const place = away.after === '0' ? 'resumed from the beginning' : `resumed at ${away.after}`
        away.mark.say(`you were away · ${place} · ${counted(caughtUp)} caught up`)
        away.mark.heal()
      }
      away = undefined
    },
    gap({ reason, oldest }) {
      const from = oldest ? `; it goes on from ${oldest}` : '; there is nothing left to show'
      past.mark('gap', `some messages are missing: ${gapReasons[reason] ?? reason}${from}`)
    },
    error: (message) => past.mark('gap', `the server broke off: ${message}`),
    ended(reason) {
      past.busy(false)
      setConnection(false)
      past.mark('away', reason)
    },
  })
}

function leave() {
  stream?.close()
  stream = undefined
  speak.clear()
  conversation.hidden = true
  lobby.hidden = false
  showState('idle')
  document.title = 'Room · edge-sse'
  byId('room').focus()
}

const counted = (count) => (count === 1 ? '1 message' : `${count} messages`)

const form = byId('join')
form.elements.room.value = here.room
form.elements.name.value = here.name
form.addEventListener('submit', (event) => {
  event.preventDefault()
  join({ room: form.elements.room.value.trim(), name: form.elements.name.value.trim() })
})
byId('leave').addEventListener('click', leave)
onCopy(byId('share'), () => addressOf(here.room))
copyButtons()
// Where there is space for it, the hint is open from the start.
byId('terminal').open = matchMedia('(min-width: 56rem) and (min-height: 58rem)').matches
// A link to another room, opened in this window, changes only the fragment: start over with it.
addEventListener('hashchange', () => location.reload())
