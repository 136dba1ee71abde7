// The Ticker page: one stream, read by EventSource and as raw text side by side, and a switch that cuts both.
import { byId } from './element.js'
import { stateIndicator } from './state-indicator.js'
import { onSwitch } from './switch.js'
import { tape } from './tape.js'
import { tickerStream } from './ticker-stream.js'
import { wirePanel } from './wire-panel.js'

const showState = stateIndicator(byId('state'))
const line = tape(byId('tape'))
const number = byId('number')
const time = byId('time')
const story = byId('story')
const still = matchMedia('(prefers-reduced-motion: reduce)')

const ticker = tickerStream({
  onState: showState,
  onTick(tick) {
    if (story.dataset.cutAfter) {
      story.textContent = `Cut after ${story.dataset.cutAfter}, resumed with ${tick.id}.`
      delete story.dataset.cutAfter
    }
    number.textContent = tick.id
    byId('field-data').textContent = tick.time.toISOString()
    time.dateTime = tick.time.toISOString()
    time.textContent = tick.time.toLocaleTimeString()
    line.tick(tick.id)
    if (!still.matches)
      byId('pulse').animate({ opacity: [1, 0], scale: [1, 2.6] }, { duration: 700, easing: 'ease-out' })
  },
})
const wire = wirePanel(byId('wire'), '/sse')

onSwitch(byId('connection'), (on) => {
  if (on) {
    ticker.resume()
    wire.resume()
    return
  }
  ticker.cut()
  wire.cut()
  line.cut()
  if (!ticker.cursor) return
  story.dataset.cutAfter = ticker.cursor
  story.textContent = `Cut after ${ticker.cursor}. Switch it on again and the count goes on from there.`
})
