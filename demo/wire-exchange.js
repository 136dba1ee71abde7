// One request and its answer as they stand on the wire: both heads, then each piece of the body with its time and size.
import { element } from './element.js'
import { readStream } from './stream-reader.js'

/**
 * Reads `path` and shows it.
 * @param {ReturnType<import('./wire-lines.js').wireLines>} wire
 * @param {string} path
 * @param {object} options as those of `readStream`, and
 * @param {(text: string, label: Node) => void} [options.showPiece] shows a piece of the body; `label` says when it came and
 *   how large it is
 * @returns {Promise<string>} what came, in words, once it is complete
 */
export async function wireExchange(wire, path, { signal, headers = {}, onAnswer, onPiece, showPiece = () => {} }) {
  const began = performance.now()
  const seconds = () => ((performance.now() - began) / 1000).toFixed(2)
  let [pieces, bytes] = [0, 0]

  wire.show(`GET ${path}`, 'request')
  for (const [name, value] of Object.entries(headers)) wire.show(`${name}: ${value}`, 'request-header')
  try {
    await readStream(path, {
      signal,
      headers,
      onAnswer(answer) {
        // HTTP/2 has no words for a status.
        wire.show(`${answer.status} ${answer.statusText}`.trim(), 'answer')
        for (const [name, value] of answer.headers) wire.show(`${name}: ${value}`, 'header')
        wire.show('', 'end')
        onAnswer?.(answer)
      },
      onPiece(text, piece) {
        pieces++
        bytes += piece.byteLength
        showPiece(text, element('span', 'wire-when', `+${seconds()} s ${piece.byteLength} B `))
        return onPiece?.(text, piece)
      },
    })
  } catch (error) {
    wire.show(signal.aborted ? 'stopped here' : 'broken off here', 'break')
    throw error
  }
  wire.show(`complete after ${seconds()} s`, 'complete')
  return `${bytes.toLocaleString('en')} bytes in ${pieces === 1 ? 'one piece' : `${pieces} pieces`}, over ${seconds()} seconds`
}
