// The first page: proves that the stream is real by reading it.
import { copyButtons } from './copy-button.js'
import { byId } from './element.js'
import { stateIndicator } from './state-indicator.js'
import { tape } from './tape.js'
import { tickerStream } from './ticker-stream.js'

const showState = stateIndicator(byId('state'))
const line = tape(byId('tape'))
const number = byId('number')
const time = byId('time')

const ticker = tickerStream({
  onState: showState,
  onTick(tick) {
    number.textContent = tick.id
    time.textContent = tick.time.toISOString()
    line.tick(tick.id)
  },
})

// Over HTTP/1.1 a browser opens six connections to one origin: a page nobody looks at gives its one back.
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) return ticker.resume()
  ticker.cut()
  line.cut()
})

for (const origin of document.querySelectorAll('[data-origin]')) origin.textContent = location.origin
copyButtons()
