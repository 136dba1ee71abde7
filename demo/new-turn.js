// What a model is asked: the question, and as much of what was said before as it is worth.

/** Turns and characters that go along. */
const [mostTurns, mostText] = [30, 100_000]

/**
 * A question as it is asked for the first time.
 * @param {{ question: string, model?: string }} what
 * @param {readonly import('./kept-chat.js').Turn[]} before it, oldest first
 * @returns {import('./kept-chat.js').Turn}
 */
export function newTurn({ question, model }, before) {
  const body = { model, messages: chatMessages(before, question), on_disconnect: 'continue' }
  const key = crypto.randomUUID()
  return { key, question, model, state: 'asking', body: JSON.stringify(body), at: Date.now() }
}

function chatMessages(turns, question) {
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
