// A `fetch` that shows what goes over the wire: what is asked, and each line of a stream as its bytes arrive.
import { lineCutter } from './line-cutter.js'
import { showAnswer, showRequest } from './wire-request.js'

/**
 * @param {ReturnType<import('./wire-lines.js').wireLines>} wire
 * @param {object} options
 * @param {string} [options.body] that is asked with
 * @param {() => void} [options.onAsk]
 * @param {(answer: Response) => void} [options.onAnswer] told before the first line of each, also of a refusal
 * @returns {(request: Request) => Promise<Response>}
 */
export const wireTap =
  (wire, { body, onAsk = () => {}, onAnswer = () => {} }) =>
  async (request) => {
    const { pathname, search } = new URL(request.url)
    const { accept, ...headers } = Object.fromEntries(request.headers)
    onAsk()
    showRequest(wire, pathname + search, { method: request.method, headers, body })
    const answer = await fetch(request)
    if (!answer.ok) showAnswer(wire, answer)
    onAnswer(answer)
    if (!answer.ok || !answer.body) return answer
    return new Response(answer.body.pipeThrough(shown(wire)), answer)
  }

function shown(wire) {
  const lines = lineCutter((line) => wire.show(line, kindOf(line)))
  const decoder = new TextDecoder()
  return new TransformStream({
    transform(bytes, controller) {
      // A character may be cut in two between pieces: its first half waits for the second.
      lines.push(decoder.decode(bytes, { stream: true }))
      controller.enqueue(bytes)
    },
  })
}

/** What a line is, for its colour: a comment, the end of an event, or the name of its field. */
function kindOf(line) {
  if (line === '') return 'end'
  if (line.startsWith(':')) return 'comment'
  const [field] = line.split(':', 1)
  return ['id', 'event', 'data', 'retry'].includes(field) ? field : 'other'
}
