// The NDJSON page: GET /ndjson as a drawing and a table that grow with each line, and beside them the lines themselves.
import { barPlot } from './bar-plot.js'
import { byId, element } from './element.js'
import { lineCutter } from './line-cutter.js'
import { runButton } from './run-button.js'
import { stickToBottom } from './stick-to-bottom.js'
import { wireExchange } from './wire-exchange.js'
import { wireLines } from './wire-lines.js'

const rows = byId('rows')
const box = stickToBottom(byId('table'))
const plot = barPlot(byId('plot'), { places: 20, top: 80 })
const wire = wireLines(byId('wire'))
const parts = { button: byId('run'), state: byId('state'), story: byId('story') }

const run = runButton(parts, async ({ signal, arriving }) => {
  let count = 0
  let failure
  rows.replaceChildren()
  plot.clear()
  wire.clear()

  function onLine(line) {
    const value = parsed(line)
    if (value?.event === 'stream.error') failure = value.error?.message ?? 'it does not say why'
    else if (Number.isFinite(value?.prime)) count = show(value)
    else failure = 'one of its lines is no prime'
    wire.show(line, failure ? 'error' : 'json')
  }

  const lines = lineCutter(onLine)
  await wireExchange(wire, '/ndjson', { signal, onAnswer: arriving, onPiece: lines.push })
  // Lines are read one by one, so a list that failed says so in a line: its status was sent long before.
  if (failure) throw new Error(`The list broke off after ${count} of its lines: ${failure}.`)
  if (lines.rest) throw new Error(`The list broke off after ${count} of its lines: the last one is cut.`)
  return `Complete: ${count} lines, none of them an error.`
})
run.start()

function show({ n, prime, at }) {
  const row = element('tr', '')
  for (const text of [n, prime, String(at).slice(11, 23)]) row.append(element('td', '', String(text)))
  box.changing(() => rows.append(row))
  plot.add(prime)
  return rows.childElementCount
}

function parsed(line) {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
