// The Room page: join, speak, watch the connection break and the stream resume where it stopped.
import { absence } from './absence.js'
import { composer } from './composer.js'
import { copyButtons, onCopy } from './copy-button.js'
import { curlLines } from './curl-lines.js'
import { byId } from './element.js'
import { flightTimes } from './flight-times.js'
import { gapWords } from './gap-words.js'
import { lobby } from './lobby.js'
import { outbox } from './outbox.js'
import { ownIds } from './own-ids.js'
import { pendingLines } from './pending-lines.js'
import { roomAccess } from './room-access.js'
import { addressOf, readAddress, rememberAddress, rememberLeft } from './room-address.js'
import { roomHistory } from './room-history.js'
import { roomNews } from './room-news.js'
import { roomStream } from './room-stream.js'
import { spoken } from './spoken.js'
import { stateIndicator } from './state-indicator.js'
import { onSwitch } from './switch.js'
import { timePlot } from './time-plot.js'

/** How long the room may take to show a message that it has, in milliseconds; after that the stream counts as dead. */
const echo = 5000

const conversation = byId('conversation')
const trouble = byId('speak').querySelector('.trouble')
const showState = stateIndicator(byId('state'))
const readers = byId('readers')
const past = roomHistory(byId('history'), byId('history-box'), byId('newest'))
const away = absence(past)
const news = roomNews(byId('news'))
const times = flightTimes(timePlot(byId('times')).add)
const setConnection = onSwitch(byId('connection'), (on) => (on ? stream.resume() : stream.cut()))

const access = roomAccess({
  signIn() {
    // Without a place to go on from, all of it comes, also what we said and know of.
    if (!stream.cursor) past.clear()
    stream.renew()
    stream.resume()
  },
  signOut() {
    stream.close()
    unsent.forget()
    join(here)
  },
  mute: (why) => speak.mute(why),
})

const mine = ownIds()
let here = readAddress()
let stream
let state = 'idle'

const way = lobby('Room', here, (entered) => {
  join(entered)
  speak.focus()
})

const isLive = () => state === 'live' || state === 'gap'

const speak = composer(byId('speak'), (text) => {
  unsent.add({ room: here.room, name: here.name, text })
  past.toEnd()
})
const drawPending = pendingLines(byId('outbox'), (item) => speak.takeBack(unsent.takeBack(item)))
const unsent = outbox({ onChange: showUnsent, onLack, onPublished })

function onPublished({ room, id, name, text, pressed, held }) {
  mine.add(id)
  past.markMine(id)
  if (held) news.wentOut()
  else if (pressed) times.sent(id, pressed)
  if (room !== here.room || past.has(id)) return true
  if (access.isDeaf) {
    // The room does not show it to us: what we know of it is all there is.
    past.add({ id, event: 'chat', from: name, text, raw: false, mine: true })
    return true
  }
  const asked = stream
  const isMissing = () => stream === asked && isLive() && unsent.of(room).some((item) => item.id === id)
  setTimeout(() => isMissing() && asked.renew(), echo)
  return false
}

function onLack(lacks) {
  if (lacks === 'refused') access.muted()
  else stream?.stop('signed-out')
}

function showUnsent() {
  const items = unsent.of(here.room)
  const refused = items.find((item) => item.refused)
  past.changing(() => {
    drawPending(items, unsent.trouble)
    const complaint = refused ? `Not sent: ${refused.refused}. Take it back to change it or to send it again.` : ''
    if (trouble.textContent !== complaint) trouble.textContent = complaint
    const waiting = items.filter(({ id, refused, held }) => held && !id && !refused).length
    news.tell({ waiting, trouble: unsent.trouble })
  })
}

function join({ room, name }) {
  here = { room, name }
  rememberAddress(here)
  way.enter(here)
  access.enter(room)
  curlLines(room)
  setConnection(true)
  past.clear()
  past.busy(true)
  away.forget()
  news.clear()
  showUnsent()
  stream = connect(room)
}

function connect(room) {
  return roomStream(room, {
    state(next, wait) {
      state = next
      showState(state)
      conversation.dataset.state = state
      away.goesOn(state)
      news.tell({ state, wait })
      access.follow(state)
      curlLines(room)
      if (state === 'refused' && access.isDeaf) unsent.wake()
      if (!isLive()) readers.textContent = '–'
    },
    message({ isNew, ...message }) {
      byId('empty').hidden = true
      const { id } = message
      const said = spoken(message)
      past.changing(() => {
        past.add({ ...message, ...said, mine: mine.has(id) })
        // An id is a proof. Without one, what is ours and already known under its id cannot be the one that still waits.
        const isOurs = unsent.shown(mine.has(id) ? { room, id } : { room, id, ...said }) || mine.has(id)
        if (!isOurs) away.caughtUp()
      })
      if (isNew) times.shown(id)
    },
    readers(count) {
      readers.textContent = String(count)
    },
    lost({ cause, after, isPlanned }) {
      past.busy(true)
      away.begin({ cause, after, isPlanned })
      news.tell({ broken: !isPlanned, missed: undefined, gap: false, sent: 0 })
    },
    live({ at, gap }) {
      past.busy(false)
      byId('empty').hidden = at !== '0'
      const missed = away.end()
      if (missed !== undefined) news.tell({ missed, gap })
      unsent.live(room, at)
    },
    gap: (gap) => past.mark('gap', gapWords(gap)),
    error: ({ message }) => past.mark('gap', `the server broke off: ${message}`),
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
  access.leave()
  state = 'idle'
  rememberLeft()
  speak.clear()
  news.clear()
  showState(state)
  way.leave()
}

byId('leave').addEventListener('click', leave)
onCopy(byId('share'), () => addressOf(here.room))
copyButtons()
// Where there is space for it, the hint is open from the start.
byId('terminal').open = matchMedia('(min-width: 56rem) and (min-height: 58rem)').matches
// A link to another room, opened in this window, changes only the fragment: start over with it.
addEventListener('hashchange', () => location.reload())
if (here.isInside && here.name) join(here)
