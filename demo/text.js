// The Text page: GET /text as it is written, and beside it each piece as it came off the wire.
import { byId } from './element.js'
import { runButton } from './run-button.js'
import { wireExchange } from './wire-exchange.js'
import { wireLines } from './wire-lines.js'
import { withName } from './with-name.js'

const written = byId('written')
const wire = wireLines(byId('wire'))
const parts = { button: byId('run'), state: byId('state'), story: byId('story'), form: byId('form') }

const run = runButton(parts, async ({ signal, arriving }) => {
  written.textContent = ''
  wire.clear()
  const came = await wireExchange(wire, withName('/text', byId('name').value), {
    signal,
    onAnswer: arriving,
    // In quotes, so that spaces and the last line break can be seen.
    showPiece: (text, label) => wire.show([label, JSON.stringify(text)], 'piece'),
    onPiece: (text) => written.append(text),
  })
  return `Complete: ${came}.`
})
run.start()
