// Reads an event stream as the bytes arrive and gives its lines as they stand on the wire.
// https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
import { lineCutter } from './line-cutter.js'
import { readStream } from './stream-reader.js'

/** With the second, a server that refuses says so in its status: with the first alone it says it in a stream. */
const accept = 'text/event-stream, application/problem+json'

/**
 * @param {string} path
 * @param {object} options as those of `readStream`, and
 * @param {(line: string) => void} options.onLine
 * @returns {Promise<Response>} resolves when the server ends the stream, rejects as `readStream` does
 */
export function readWireText(path, { headers, onLine, ...options }) {
  const lines = lineCutter(onLine)
  return readStream(path, { ...options, headers: { accept, ...headers }, onPiece: lines.push })
}

/** What a line is, for its colour: a comment, the end of an event, or the name of its field. */
export function kindOf(line) {
  if (line === '') return 'end'
  if (line.startsWith(':')) return 'comment'
  const [field] = line.split(':', 1)
  return ['id', 'event', 'data', 'retry'].includes(field) ? field : 'other'
}
