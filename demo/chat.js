// The Chat page: asks a model and shows its answer as it comes; the answer goes on whether anybody reads it or not, and
// whoever comes back sees all of it.
import { answerAccess } from './answer-access.js'
import { answerReading } from './answer-reading.js'
import { chatInAddress, clearAddress, putIntoAddress } from './chat-address.js'
import { chatLog } from './chat-log.js'
import { chatView } from './chat-view.js'
import { composer } from './composer.js'
import { copyButtons } from './copy-button.js'
import { byId } from './element.js'
import { forgetChats, keptChat } from './kept-chat.js'
import { modelChoice } from './model-choice.js'
import { newTurn } from './new-turn.js'
import { Refusal } from './refusal.js'
import { onSwitch } from './switch.js'
import { turnOffers } from './turn-offers.js'
import { wireLines } from './wire-lines.js'

/** A server knows a key for a day; an hour of it is left for the attempt itself. In milliseconds. */
const keyKnown = 23 * 3_600_000

const button = byId('run')
const again = byId('again')
const wire = wireLines(byId('wire'))
const log = chatLog()
const show = chatView()
const models = modelChoice(byId('model'), byId('way'), byId('way-field'))
const speak = composer(byId('ask'), say)
const setConnection = onSwitch(byId('connection'), connect)
const access = answerAccess({ signIn: goOn, signOut })

let chat
/** The answer that is being read now. */
let reading
let isConnected = true

const newest = () => chat.turns.at(-1)

/** Shows the chat in the address, or a new one. */
function open({ chat: id, answer }) {
  reading?.close()
  reading = undefined
  chat?.leave()
  log.clear()
  // Who was given a link knows the answer alone.
  const otherwise = answer ? { key: answer, answer, state: 'running' } : undefined
  chat = keptChat(id || crypto.randomUUID(), { onChange: () => follow(), otherwise })
  if (answer && !id) remember(answer)
  models.choose(newest()?.model)
  settle()
  follow({ mayAsk: true })
}

/**
 * Shows what has been added to the chat, and reads its newest answer on.
 * @param {{ mayAsk?: boolean }} [options] asks for it, too, where nobody knows whether that was done; else who asked sees to it
 */
function follow({ mayAsk = false } = {}) {
  const turn = newest()
  const isOld =
    turn?.state === 'asking' ? !(Date.now() - turn.at < keyKnown) : turn?.state === 'running' && !turn.answer
  if (mayAsk && isOld)
    chat.put({ ...turn, state: 'unasked', why: 'this page was closed before that was known', isSpent: true })
  log.follow(chat.turns, reading?.key)
  again.hidden = !turn
  again.href = location.href
  if (!reading) {
    const { state } = newest() ?? {}
    if (state === 'running' || (state === 'asking' && mayAsk)) return read(turn, {})
    if (state === 'asking') show.state('connecting', 'Asking')
    else show.rest(newest())
  }
  offer()
}

function say(text) {
  if (reading) return false
  ask(newTurn({ question: text, model: models.chosen }, chat.turns))
}

/** @param {string} [instead] the key of the turn whose place it takes */
function ask(turn, instead) {
  chat.put(turn, instead)
  remember()
  if (instead) log.replace(instead, turn)
  else log.add(turn)
  log.toEnd()
  wire.clear()
  read(turn, { isNew: true })
}

function read(turn, { isNew }) {
  button.textContent = 'Stop'
  button.type = 'button'
  log.busy(true)
  show.figures({ first: turn.first })
  const view = log.of(turn.key)
  view.tell('running')
  const on = {
    accepted() {
      access.accepted()
      if (!models.chosen) loadModels()
    },
    resumed() {
      isConnected = true
      setConnection(true)
    },
    locked: access.refused,
    change(turn) {
      chat.put(turn)
      remember(turn.answer)
      again.hidden = false
    },
    over(turn) {
      reading = undefined
      settle()
      chat.put(turn)
      // Another window may have asked on meanwhile.
      follow()
    },
  }
  reading = answerReading({ wire, view, show }, turn, on, { isNew, isCut: !isConnected })
  offer()
}

/** Nothing is asked now. */
function settle() {
  button.textContent = 'Ask'
  button.type = 'submit'
  log.busy(false)
}

function remember(answer) {
  putIntoAddress({ chat: chat.id, answer })
  again.href = location.href
}

/** What can be done about the newest turn. */
function offer() {
  const turn = newest()
  if (reading || !turn) return log.offer()
  const { key, question } = turn
  const offers = turnOffers(turn, {
    repeat: () => read({ ...turn, state: 'asking' }, {}),
    renew: () => ask(newTurn({ question, model: models.chosen }, chat.turns.slice(0, -1)), key),
    takeBack() {
      chat.remove(key)
      follow()
      speak.takeBack(question)
    },
  })
  log.offer(key, offers)
}

function connect(on) {
  isConnected = on
  if (on) reading?.resume()
  else reading?.cut()
}

/** There is a token, or another one. */
function goOn() {
  if (reading) reading.resume()
  else loadModels()
}

function startOver() {
  clearAddress()
  wire.clear()
  open({ chat: '', answer: '' })
}

function signOut() {
  forgetChats()
  startOver()
  loadModels()
}

async function loadModels() {
  try {
    await models.load(wire)
    access.accepted()
    models.choose(newest()?.model)
    if (!reading) show.rest(newest())
  } catch (error) {
    if (reading) return
    const status = error instanceof Refusal ? error.status : 0
    if (status === 401) show.state('signed-out')
    else if (status === 403) show.state('refused', 'No right')
    else show.state('failed', 'No models')
    if (status === 401 || status === 403) access.refused(status)
    else show.tell({ text: error.message, mood: 'bad' })
  }
}

button.addEventListener('click', () => reading?.stop())
byId('anew').addEventListener('click', () => {
  startOver()
  byId('text').focus()
})
// A link to another chat, opened in this window, changes only the fragment: start over with it.
addEventListener('hashchange', () => {
  const { chat: id } = chatInAddress()
  if (id && id !== chat.id) location.reload()
})

copyButtons()
open(chatInAddress())
loadModels()
