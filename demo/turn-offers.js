// What can be done about a turn that did not come to its end, by what the buttons below it say.

/**
 * @param {import('./kept-chat.js').Turn | undefined} turn
 * @param {object} can
 * @param {() => void} can.repeat asks it once more under its key: nobody knows whether it has arrived
 * @param {() => void} can.renew asks it under another key
 * @param {() => void} can.takeBack
 * @returns {Record<string, () => void>}
 */
export function turnOffers(turn, { repeat, renew, takeBack }) {
  // What somebody else has asked only they can ask again.
  if (!turn?.question) return {}
  const { state, isSpent } = turn
  if (state === 'unasked') return { 'Ask again': isSpent ? renew : repeat, 'Take back': takeBack }
  return state === 'failed' || state === 'stopped' ? { 'Ask again': renew } : {}
}
