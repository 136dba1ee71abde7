// Reads a body while it is still being written: each piece as it arrives, as text and as bytes.
import { refusalOf } from './refusal.js'

/**
 * @param {string} path
 * @param {object} options
 * @param {AbortSignal} options.signal stops reading: the request is aborted, and the server hears of it
 * @param {string} [options.method]
 * @param {Record<string, string>} [options.headers]
 * @param {string} [options.body]
 * @param {(answer: Response) => void} [options.onAnswer] told before the first piece
 * @param {(text: string, bytes: Uint8Array) => unknown} options.onPiece the next piece waits for what it returns
 * @returns {Promise<Response>} resolves when the body is complete; rejects with words for whoever watches the page, and
 *   with a `Refusal` where there is none
 */
export async function readStream(path, { signal, method, headers, body, onAnswer = () => {}, onPiece }) {
  // A body that comes out of the browser's cache would not be one that is being written.
  const answer = await fetch(path, { signal, method, headers, body, cache: 'no-store' }).catch(() => {
    throw new Error('The server cannot be reached.')
  })
  onAnswer(answer)
  if (!answer.ok) throw await refusalOf(answer)
  const reader = answer.body?.getReader()
  const decoder = new TextDecoder()
  while (reader) {
    const { done, value } = await reader.read().catch(() => {
      throw new Error('The connection broke before the end: what is here is only a part.')
    })
    // A body that the browser has whole can be read to its end although it was aborted.
    signal.throwIfAborted()
    if (done) break
    // A character may be cut in two between pieces: its first half waits for the second.
    await onPiece(decoder.decode(value, { stream: true }), value)
  }
  return answer
}
