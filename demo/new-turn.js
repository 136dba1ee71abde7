// What a model is sent: the question, and as much of what was said before as it is worth.

/** Turns and characters that go along. */
const [mostTurns, mostText] = [30, 100_000]

/**
 * @param {readonly import('./kept-chat.js').Turn[]} turns before it, oldest first
 * @param {string} question
 */
export function chatMessages(turns, question) {
  const before = []
  let length = 0
  for (const { question: asked, text } of turns.slice(-mostTurns).reverse()) {
    // What was never answered the model does not know of.
    if (!text) continue
    length += text.length + (asked?.length ?? 0)
    if (length > mostText) break
    before.unshift(...(asked ? [{ role: 'user', content: asked }] : []), { role: 'assistant', content: text })
  }
  return [...before, { role: 'user', content: question }]
}
