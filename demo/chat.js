// The Chat page: asks a model and shows its answer as it comes; the answer goes on whether anybody reads it or not, and
// whoever comes back sees all of it.
import { answerAccess } from './answer-access.js'
import { answerReading } from './answer-reading.js'
import { endOf, fateOf, idle } from './answer-story.js'
import { chatInAddress, clearAddress, putIntoAddress } from './chat-address.js'
import { chatLog } from './chat-log.js'
import { chatMessages } from './chat-messages.js'
import { chatView } from './chat-view.js'
import { composer } from './composer.js'
import { copyButtons } from './copy-button.js'
import { byId } from './element.js'
import { forgetChats, keptChat } from './kept-chat.js'
import { modelChoice } from './model-choice.js'
import { Refusal } from './refusal.js'
import { onSwitch } from './switch.js'
import { bearer } from './token.js'
import { wireLines } from './wire-lines.js'
import { wireRequest } from './wire-request.js'

/** A server knows a key for a day; an hour of it is left for the attempt itself. In milliseconds. */
const keyKnown = 23 * 3_600_000

/** What the state is called when an answer is over: its colour and its word. */
const ends = {
  done: ['ended', 'Complete'],
  stopped: ['cut', 'Stopped'],
  failed: ['failed', 'Broke off'],
  unasked: ['failed', 'Not asked'],
}

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
let reading
let isConnected = true

/** Shows the chat in the address, or a new one. */
function open({ chat: id, answer }) {
  reading?.close()
  reading = undefined
  chat?.leave()
  log.clear()
  // Who was given a link knows the answer alone.
  const otherwise = answer ? { key: answer, answer, state: 'running' } : undefined
  chat = keptChat(id || crypto.randomUUID(), { onChange: follow, otherwise })
  if (answer && !id) putIntoAddress({ chat: chat.id, answer })
  again.hidden = chat.turns.length === 0
  again.href = location.href
  show.state('idle', 'Nothing asked')
  show.tell(idle)
  show.figures()
  settle()
  draw()
  models.choose(chat.turns.at(-1)?.model)
  readNewest()
}

/** Puts on the page what it does not show yet: at first all, later what another window has added. */
function draw() {
  const { turns } = chat
  for (const key of log.keys) if (!turns.some((turn) => turn.key === key) && key !== reading?.key) log.remove(key)
  for (const turn of turns) {
    const isNew = !log.of(turn.key)
    const view = log.of(turn.key) ?? log.add(turn)
    if (!Object.hasOwn(ends, turn.state) || turn.key === reading?.key) continue
    if (isNew || view.line.dataset.state !== turn.state) {
      view.clear()
      view.add({ text: String(turn.text ?? ''), thought: String(turn.thought ?? '') })
      view.tell(turn.state, fateOf(turn))
    }
  }
  offer()
}

/** Reads the newest answer on, or asks for it where nobody knows whether that was done. */
function readNewest() {
  const turn = chat.turns.at(-1)
  if (!turn) return
  const isForgotten = turn.state === 'asking' && !(Date.now() - turn.at < keyKnown)
  if (isForgotten) {
    chat.put({ ...turn, state: 'unasked', why: 'this page was closed before that was known', isSpent: true })
    draw()
    tellEnd(chat.turns.at(-1))
  } else if (turn.state === 'running' || turn.state === 'asking') read(turn, {})
  else tellEnd(turn)
}

/** Another window of this browser has changed the chat: it asks, this one only follows. */
function follow() {
  draw()
  const turn = chat.turns.at(-1)
  if (reading || !turn) return
  again.href = location.href
  if (turn.state === 'running') read(turn, {})
  else if (turn.state === 'asking') show.state('connecting', 'Asking')
  else tellEnd(turn)
}

function say(text) {
  if (reading) return false
  ask({ question: text, model: models.chosen }, chat.turns)
}

/** Asks under a key of its own, after what was said before. */
function ask({ question, model }, before, instead) {
  const body = { model, messages: chatMessages(before, question), on_disconnect: 'continue' }
  const turn = {
    key: crypto.randomUUID(),
    question,
    model,
    state: 'asking',
    body: JSON.stringify(body),
    at: Date.now(),
  }
  chat.put(turn, instead)
  putIntoAddress({ chat: chat.id })
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
  const over = () => {
    reading = undefined
    settle()
  }
  reading = answerReading(
    { wire, view, show },
    turn,
    {
      accepted: access.accepted,
      resumed() {
        isConnected = true
        setConnection(true)
      },
      locked(status) {
        show.state(status === 401 ? 'signed-out' : 'refused')
        access.refused(status)
      },
      change(turn) {
        chat.put(turn)
        if (turn.answer) putIntoAddress({ chat: chat.id, answer: turn.answer })
        again.href = location.href
        again.hidden = false
      },
      over(turn) {
        over()
        chat.put(turn)
        tellEnd(turn)
        offer()
        // Another window may have asked on meanwhile.
        follow()
      },
    },
    { isNew, isCut: !isConnected },
  )
  offer()
}

/** Nothing is asked now. */
function settle() {
  button.textContent = 'Ask'
  button.type = 'submit'
  log.busy(false)
}

function tellEnd(turn) {
  show.state(...(ends[turn.state] ?? ['idle', 'Nothing asked']))
  show.tell(endOf(turn))
  show.figures(turn)
}

/** What can be done about the newest turn, where it did not come to its end. */
function offer() {
  const { turns } = chat
  for (const turn of turns) log.of(turn.key)?.offer()
  const turn = turns.at(-1)
  if (reading || !turn?.question || !['failed', 'stopped', 'unasked'].includes(turn.state)) return
  const { key, question, state } = turn
  const before = turns.slice(0, -1)
  log.of(key).offer({
    'Ask again'() {
      // Nobody knows whether it has arrived: under the same key it is asked once.
      if (state === 'unasked' && !turn.isSpent) repeat({ ...turn, state: 'asking' })
      else ask({ question, model: models.chosen }, before, key)
      button.focus()
    },
    ...(state === 'unasked' && {
      'Take back'() {
        chat.remove(key)
        log.remove(key)
        show.state('idle', 'Nothing asked')
        show.tell(idle)
        offer()
        speak.takeBack(question)
      },
    }),
  })
}

function repeat(turn) {
  chat.put(turn)
  read(turn, {})
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

function signOut() {
  forgetChats()
  clearAddress()
  open({ chat: '', answer: '' })
  loadModels()
}

async function loadModels() {
  try {
    const answer = await wireRequest(wire, '/v1/models', { headers: bearer() })
    const text = await answer.text()
    wire.show(text.trimEnd(), 'json')
    wire.show('', 'end')
    models.fill(text)
    access.accepted()
    models.choose(chat.turns.at(-1)?.model)
  } catch (error) {
    if (reading) return
    const isLocked = error instanceof Refusal && [401, 403].includes(error.status)
    show.state(
      isLocked ? (error.status === 401 ? 'signed-out' : 'refused') : 'failed',
      isLocked ? undefined : 'No models',
    )
    if (isLocked) access.refused(error.status)
    else show.tell({ text: error.message, mood: 'bad' })
  }
}

button.addEventListener('click', () => {
  if (reading) reading.stop()
})
byId('anew').addEventListener('click', () => {
  clearAddress()
  wire.clear()
  open({ chat: '', answer: '' })
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
