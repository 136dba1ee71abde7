// The Chat tool page: many people and one model. What one asks, everybody sees, and the answer as it comes.
import { absence } from './absence.js'
import { composer } from './composer.js'
import { copyButtons, onCopy } from './copy-button.js'
import { toolCurlLines } from './curl-lines.js'
import { byId } from './element.js'
import { failureWords } from './failure-words.js'
import { gapWords } from './gap-words.js'
import { lobby } from './lobby.js'
import { modelChoice } from './model-choice.js'
import { outbox } from './outbox.js'
import { ownIds } from './own-ids.js'
import { pendingLines } from './pending-lines.js'
import { roomAccess } from './room-access.js'
import { addressOf, readAddress, rememberAddress, rememberLeft, toolPage } from './room-address.js'
import { roomNews } from './room-news.js'
import { roomStream } from './room-stream.js'
import { sendOnce } from './send-once.js'
import { stateIndicator } from './state-indicator.js'
import { onSwitch } from './switch.js'
import { heldToken } from './token.js'
import { claimsOf } from './token-claims.js'
import { toolEvent, toolNames } from './tool-events.js'
import { toolLog } from './tool-log.js'

/** How long the room may take to show a question that it has, in milliseconds; after that the stream counts as dead. */
const echo = 5000

const conversation = byId('conversation')
const trouble = byId('speak').querySelector('.trouble')
const showState = stateIndicator(byId('state'))
const readers = byId('readers')
const log = toolLog(byId('history'), byId('history-box'), byId('newest'))
const away = absence(log, 'piece')
const news = roomNews(byId('news'), 'piece')
const models = modelChoice(byId('model'), byId('way'), byId('way-field'))
const setConnection = onSwitch(byId('connection'), (on) => (on ? stream.resume() : stream.cut()))

const access = roomAccess(
  {
    signIn() {
      // Without a place to go on from, all of it comes, also what is there already.
      if (!stream.cursor) log.clear()
      stream.renew()
      stream.resume()
    },
    signOut() {
      stream.close()
      unsent.forget()
      join(here)
    },
    mute: (why) => speak.mute(why),
  },
  { right: 'answer', speak: 'ask' },
)

const mine = ownIds('edge-sse:tool-mine')
let here = readAddress(toolPage)
let stream
let state = 'idle'

const way = lobby('Chat tool', here, (entered) => {
  join(entered)
  speak.focus()
})

const isLive = () => state === 'live' || state === 'gap'

const speak = composer(byId('speak'), (text) => {
  const messages = [...log.messages, { role: 'user', name: here.name, content: text }]
  unsent.add({ room: here.room, name: here.name, text, body: { model: models.chosen, messages } })
  log.toEnd()
})
const drawPending = pendingLines(byId('outbox'), (item) => speak.takeBack(unsent.takeBack(item)))
const unsent = outbox({
  onChange: showUnsent,
  onLack,
  onPublished,
  attempt: ({ room, body, key }) => sendOnce(`/server/send?${new URLSearchParams({ room })}`, body, key),
  place: 'edge-sse:tool-outbox',
  // A question is shown once it was asked, whatever was read before.
  isPast: () => false,
})

function onPublished({ room, id, name, text, held }) {
  mine.add(id)
  log.markMine(id)
  if (held) news.wentOut()
  if (room !== here.room || log.has(id)) return true
  if (access.isDeaf) {
    // The room does not show it to us: what we know of it is all there is.
    log.ask({ id, name, content: text })
    log.markMine(id)
    log.fail(id, 'your token does not let you read it')
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
  log.changing(() => {
    drawPending(items, unsent.trouble)
    const why = refused && failureWords('', refused.refused)
    const complaint = refused ? `Not sent: ${why}. Take it back to change it or to send it again.` : ''
    if (trouble.textContent !== complaint) trouble.textContent = complaint
    const waiting = items.filter(({ id, refused, held }) => held && !id && !refused).length
    news.tell({ waiting, trouble: unsent.trouble })
  })
}

function join({ room, name }) {
  here = { room, name }
  rememberAddress(here, toolPage)
  way.enter(here)
  access.enter(room)
  toolCurlLines(room)
  setConnection(true)
  log.clear()
  log.busy(true)
  away.forget()
  news.clear()
  showUnsent()
  stream = connect(room)
}

/** Shows what is said, and tells whether it is a question of this window. */
const said = (message) =>
  toolEvent(message, {
    question(question) {
      const { id, name: from, content: text } = question
      const { room } = here
      log.ask(question)
      if (mine.has(id)) log.markMine(id)
      // An id is a proof. Without one, what is ours and already known under its id cannot be the one that still waits.
      return unsent.shown(mine.has(id) ? { room, id } : { room, id, from, text }) || mine.has(id)
    },
    delta: log.grow,
    whole: log.whole,
    other: log.say,
  })

function connect(room) {
  return roomStream(
    room,
    {
      state(next, wait) {
        state = next
        showState(state)
        conversation.dataset.state = state
        away.goesOn(state)
        news.tell({ state, wait })
        access.follow(state)
        toolCurlLines(room)
        if (state === 'refused' && access.isDeaf) unsent.wake()
        if (!isLive()) readers.textContent = '–'
      },
      message(message) {
        byId('empty').hidden = true
        if (said(message) !== true) away.caughtUp()
      },
      readers(count) {
        readers.textContent = String(count)
      },
      lost({ cause, after, isPlanned }) {
        log.busy(true)
        log.cut()
        away.begin({ cause, after, isPlanned })
        news.tell({ broken: !isPlanned, missed: undefined, gap: false, sent: 0 })
      },
      live({ at, gap }) {
        log.busy(false)
        byId('empty').hidden = at !== '0'
        const missed = away.end()
        if (missed !== undefined) news.tell({ missed, gap })
        unsent.live(room, at)
        loadModels()
      },
      gap: (gap) => log.mark('gap', gapWords(gap)),
      error({ code, message, run }) {
        // Without a run it is the stream that has failed.
        if (run === undefined) return log.mark('gap', `the server broke off: ${message}`)
        log.fail(String(run), failureWords(code, message))
      },
      ended(reason) {
        log.busy(false)
        setConnection(false)
        log.mark('away', reason)
      },
    },
    { path: `/server/events?${new URLSearchParams({ room })}`, names: toolNames },
  )
}

/** Which models there are is for who may ask them in no room; everybody else asks the one that the server chooses. */
async function loadModels() {
  const claims = claimsOf(heldToken())
  if (!byId('how').hidden || (claims && !claims.can.includes('answer'))) return
  await models.load().then(
    () => (byId('how').hidden = false),
    () => {},
  )
}

function leave() {
  stream?.close()
  stream = undefined
  access.leave()
  state = 'idle'
  rememberLeft(toolPage)
  speak.clear()
  news.clear()
  showState(state)
  way.leave()
}

byId('leave').addEventListener('click', leave)
onCopy(byId('share'), () => addressOf(here.room, toolPage))
copyButtons()
if (here.isInside && here.name) join(here)
