// Which chat this page shows, and which of its answers is the newest: both are in the address, so that a reload, a bookmark
// or a second window finds them again.

/** The form of an answer's id. */
export const isAnswer = (id) => /^[\da-f]{32}$/.test(id)

/** Both as they stand there; empty for what does not. What is neither kept here nor an answer of the server is nobody's. */
export function chatInAddress() {
  const parameters = new URLSearchParams(location.hash.slice(1))
  const [chat, answer] = [parameters.get('chat') ?? '', parameters.get('answer') ?? '']
  return { chat: /^[\w-]{1,64}$/.test(chat) ? chat : '', answer: isAnswer(answer) ? answer : '' }
}

/** Puts them there, without a step that the way back would have to take. */
export function putIntoAddress({ chat, answer }) {
  const hash = new URLSearchParams({ chat, ...(answer && { answer }) })
  history.replaceState(null, '', `#${hash}`)
}

/** An address without a chat. */
export const clearAddress = () => history.replaceState(null, '', location.pathname)
