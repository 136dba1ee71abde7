// Reads an event stream as the bytes arrive and gives its lines as they stand on the wire.
// https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream

/**
 * @param {string} path
 * @param {object} options
 * @param {AbortSignal} options.signal
 * @param {(line: string) => void} options.onLine
 * @returns {Promise<void>} resolves when the server ends the stream, rejects when it breaks or is refused
 */
export async function readWireText(path, { signal, onLine }) {
  const response = await fetch(path, { signal, headers: { accept: 'text/event-stream' } })
  if (!response.ok) throw new Error(`Cannot read ${path}: the answer was ${response.status}`)
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    // A stream may end its lines with CR as well; ours uses LF only, and this page shows ours.
    const lines = (rest + chunk.value).split('\n')
    rest = lines.pop()
    for (const line of lines) onLine(line)
  }
}

/** What a line is, for its colour: a comment, the end of an event, or the name of its field. */
export function kindOf(line) {
  if (line === '') return 'end'
  if (line.startsWith(':')) return 'comment'
  const [field] = line.split(':', 1)
  return ['id', 'event', 'data', 'retry'].includes(field) ? field : 'other'
}
