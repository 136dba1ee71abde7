// What is told of an answer while it comes and when it is over, in whole sentences.

/** @param {number} count */
export const inTokens = (count) => (count === 1 ? '1 token' : `${count} tokens`)

/** What is told while nothing is asked. */
export const idle = { text: 'A chat is kept in this browser, and in the address of this page.', mood: 'none' }

/**
 * How it goes.
 * @param {object} known
 * @param {string} known.state of the connection
 * @param {number} [known.wait] milliseconds until a busy server is asked again
 * @param {boolean} known.isAsked the server has the question
 * @param {number} known.tokens that have come
 * @param {{ state: string, tokens: number }} [known.away] the last absence: what it was, and after how many tokens it began
 * @param {boolean} [known.isBack] this page came in the middle of it
 * @returns {{ text: string, mood: 'bad' | 'none' }}
 */
export function storyOf({ state, wait = 0, isAsked, tokens, away, isBack }) {
  const seconds = Math.ceil(wait / 1000)
  const count = inTokens(tokens)
  const isLocked = state === 'signed-out' || state === 'refused'
  if (!isAsked) {
    if (state === 'offline') return bad('You are offline. Your question waits here, and is asked when you are back.')
    if (state === 'cut') return none('The connection is cut. Switch it on, and your question is asked.')
    if (isLocked) return none('Your question waits here, and is asked when you have signed in.')
    if (state === 'busy') return bad(`This server is busy: your question is asked again in ${seconds} s.`)
    return away ? bad('The server does not answer. Your question is asked again by itself, and only once.') : none('')
  }
  if (state === 'offline') return bad(`Offline after ${count}. The model goes on; the rest comes when you are back.`)
  if (state === 'cut')
    return none(`Cut after ${count}. The model goes on without you: switch it on, and the rest comes.`)
  if (isLocked) return none(`Signed out after ${count}. The model goes on; the rest comes when you have signed in.`)
  if (state === 'busy') return bad(`This server is busy: the rest is asked for in ${seconds} s. The model goes on.`)
  if (state !== 'live')
    return away && away.state !== 'cut'
      ? bad(`The connection broke after ${count}. The model goes on, and the rest comes by itself.`)
      : none('')
  if (away)
    return none(
      `${away.state === 'cut' ? 'Cut' : 'Lost'} after ${inTokens(away.tokens)}, and resumed there: nothing is missing, nothing is there twice.`,
    )
  if (isBack) return none('This page came back in mid-answer: all of it is here, and it goes on.')
  return none('Reload this page now, or cut its connection: the answer goes on.')
}

/** How an answer may end. @param {import('./kept-chat.js').Turn} turn */
export const isOver = ({ state }) => ['done', 'stopped', 'failed', 'unasked'].includes(state)

/**
 * How it went.
 * @param {import('./kept-chat.js').Turn} turn that is over
 */
export function endOf({ state, tokens = 0, why, isCut }) {
  const count = inTokens(tokens)
  if (state === 'done') return none(`Complete: ${count}${isCut ? ', where the model has its limit' : ''}.`)
  if (state === 'stopped') return none(`Stopped after ${count}: the model has heard it, and says no more.`)
  if (state === 'unasked') return bad(`It was not asked: ${why}.`)
  return bad(tokens > 0 ? `It broke off after ${count}: ${why}. What is here is only a part.` : `No answer: ${why}.`)
}

/** The same in a few words, below the answer itself. */
export function fateOf({ state, tokens = 0, why, isCut }) {
  const count = inTokens(tokens)
  if (state === 'done') return isCut ? `${count}, cut off at its limit` : count
  if (state === 'stopped') return `stopped after ${count}`
  if (state === 'unasked') return `not asked: ${why}`
  return tokens > 0 ? `broke off after ${count}: ${why}` : `no answer: ${why}`
}

const bad = (text) => ({ text, mood: 'bad' })
const none = (text) => ({ text, mood: 'none' })
