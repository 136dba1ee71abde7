// The HTML page: GET /html in a frame, as a browser shows it piece by piece, and beside it the source of each piece.
import { byId, element } from './element.js'
import { runButton } from './run-button.js'
import { wireExchange } from './wire-exchange.js'
import { wireLines } from './wire-lines.js'
import { withName } from './with-name.js'

const frame = byId('frame')
const name = byId('name')
const wire = wireLines(byId('wire'))
const parts = { button: byId('run'), state: byId('state'), story: byId('story'), form: byId('form') }

const run = runButton(parts, async ({ signal, arriving }) => {
  const path = withName('/html', name.value)
  wire.clear()
  byId('typed').textContent = name.value || 'nothing'
  byId('sent').textContent = '–'
  // `replace`, so that the way back leads out of this page and not through what its frame showed before.
  frame.contentWindow.location.replace(path)
  signal.addEventListener('abort', () => frame.contentWindow.stop())
  const came = await wireExchange(wire, path, {
    signal,
    onAnswer: arriving,
    showPiece(text, label) {
      wire.show([label], 'piece')
      for (const line of text.trimEnd().split('\n')) wire.show(withEscapes(line), 'source')
    },
    onPiece(text) {
      const title = text.match(/<title>Sunlight for (.*)<\/title>/)
      if (title) byId('sent').replaceChildren(...withEscapes(title[1]))
    },
  })
  return `Complete: ${came}.`
})

byId('try').addEventListener('click', () => {
  name.value = '<script>alert(1)</script>'
  run.start()
})
// A page is loaded once its frames are: one that is being written for seconds would hold up this one.
addEventListener('load', () => run.start())

/** A line of source in which what was escaped stands out. */
const withEscapes = (line) =>
  line.split(/(&(?:[a-z]+|#\w+);)/).map((part, index) => (index % 2 ? element('b', 'escape', part) : part))
