// The Download page: a file that can be cut anywhere and resumed, and beside it what is asked and answered for each part.
import { downloadParts } from './download-parts.js'
import { byId } from './element.js'
import { pacer } from './pacer.js'
import { partialFile } from './partial-file.js'
import { runButton } from './run-button.js'
import { canHash, sha256 } from './sha-256.js'
import { wireExchange } from './wire-exchange.js'
import { wireLines } from './wire-lines.js'

const path = '/download/primes.csv'
const file = partialFile()
const wire = wireLines(byId('wire'))
const progress = byId('progress')
const parts = downloadParts(byId('parts'))
const ui = {
  button: byId('run'),
  state: byId('state'),
  story: byId('story'),
  names: { idle: 'Download', running: 'Cut it', stopped: 'Resume', failed: 'Resume', complete: 'Once more' },
  stopped: 'Cut. Resume asks for what is missing, if it is still the same file.',
}

let isWhole = false

const run = runButton(ui, async ({ signal, arriving }) => {
  if (isWhole) clear()
  const asked = file.wanted
  let changed = false
  await wireExchange(wire, path, {
    signal,
    headers: asked,
    onAnswer(answer) {
      if (!answer.ok) return
      arriving()
      const from = file.begin(answer)
      changed = Boolean(asked.range) && from === 0
      if (changed) parts.clear()
      parts.begin(from, answer.status)
      show()
    },
    onPiece: pacer(signal, (bytes) => {
      file.add(bytes)
      parts.reach(file.received)
      show()
    }),
  })
  isWhole = true
  show()
  const start = changed ? 'It was another file by now, so it came from its beginning. ' : ''
  return start + (await compare(signal))
})

byId('over').addEventListener('click', () => {
  run.stop()
  clear()
  run.start()
})

/** Downloads it once more, in one piece, and compares. */
async function compare(signal) {
  if (!canHash) return 'Complete. To compare it, the browser wants https or this machine.'
  const own = await sha256(file.bytes)
  byId('hash-parts').textContent = own
  wire.show('the same file again in one piece, to compare', 'note')
  const pieces = []
  await wireExchange(wire, path, { signal, onPiece: (_, bytes) => void pieces.push(bytes) })
  const other = await sha256(new Blob(pieces))
  byId('hash-whole').textContent = other
  if (own !== other) throw new Error('The two are not the same file: their SHA-256 differ.')
  return `Complete, and byte for byte the file that comes in one piece.`
}

function show() {
  const size = file.size ?? (isWhole ? file.received : undefined)
  progress.max = size ?? 1
  // Without a length there is no telling how far it is.
  if (size === undefined && file.received > 0) progress.removeAttribute('value')
  else progress.value = file.received
  byId('received').textContent = file.received.toLocaleString('en')
  byId('size').textContent = size === undefined ? '–' : size.toLocaleString('en')
}

function clear() {
  isWhole = false
  file.forget()
  parts.clear()
  wire.clear()
  byId('hash-parts').textContent = '–'
  byId('hash-whole').textContent = '–'
  show()
}
