// The Ticker page: one ticker, as events and as raw text side by side, and a switch that cuts both.
import { byId } from './element.js'
import { stateIndicator } from './state-indicator.js'
import { onSwitch } from './switch.js'
import { tape } from './tape.js'
import { silence, tickerStream } from './ticker-stream.js'
import { wireLines } from './wire-lines.js'
import { wirePanel } from './wire-panel.js'

const showState = stateIndicator(byId('state'))
const line = tape(byId('tape'))
const number = byId('number')
const time = byId('time')
const story = byId('story')
const still = matchMedia('(prefers-reduced-motion: reduce)')

/** What is told of a break, by the state it is in; `id` is the last tick before it. */
const stories = {
  cut: (id) => `Cut after ${id}. Switch it on again and the count goes on from there.`,
  offline: (id) => `Offline after ${id}. When the network is back, the count goes on from there by itself.`,
  resuming: (id) => `The connection broke after ${id}. It comes back by itself, and the count goes on from there.`,
}

let last
let lost

function onState(state) {
  showState(state)
  // Switched on again it is on its way back, and nothing broke.
  if (!last || !stories[state] || (state === 'resuming' && lost?.word === 'Cut')) return
  if (!lost) line.cut()
  lost = { after: last, word: state === 'cut' ? 'Cut' : 'Lost' }
  tell(stories[state](last))
}

function onTick(tick) {
  if (lost) {
    const { word, after } = lost
    lost = undefined
    tell(`${word} after ${after}, resumed with ${tick.id}${word === 'Cut' ? '' : ' by itself'}.`)
  }
  last = tick.id
  number.textContent = tick.id
  byId('field-data').textContent = tick.time.toISOString()
  time.dateTime = tick.time.toISOString()
  time.textContent = tick.time.toLocaleTimeString()
  line.tick(tick.id)
  if (!still.matches) byId('pulse').animate({ opacity: [1, 0], scale: [1, 2.6] }, { duration: 700, easing: 'ease-out' })
}

function tell(text) {
  story.dataset.mood = lost?.word === 'Lost' ? 'bad' : 'none'
  // Writing the same words again would make some screen readers say them again.
  if (story.textContent !== text) story.textContent = text
}

const ticker = tickerStream({ onState, onTick })
const wire = wirePanel(wireLines(byId('wire')), '/sse', { silence })

onSwitch(byId('connection'), (on) => {
  for (const stream of [ticker, wire]) on ? stream.resume() : stream.cut()
})
