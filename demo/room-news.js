// One line in plain words: what is wrong with the connection, what becomes of messages meanwhile, and how it ended.

/** How long good news stays, in milliseconds. What was missed stays marked in the history. */
const readable = 12_000

/**
 * @param {HTMLElement} target an element with `role="status"`, so that it is read aloud when it changes
 * @param {string} [noun] what is missed
 */
export function roomNews(target, noun = 'message') {
  let known = {}
  let timer

  /** @param {Parameters<typeof sentence>[0]} change what is new; what is not named stays as it was */
  function tell(change) {
    known = { ...known, ...change }
    // What somebody cuts, what asks for something, or what is live, is not broken.
    if (['cut', 'live', 'gap', 'signed-out', 'refused'].includes(change.state)) known.broken = false
    const { text, mood } = sentence(known, noun)
    // Writing the same words again would make some screen readers say them again.
    if (target.textContent === text) return
    target.textContent = text
    target.dataset.mood = mood
    clearTimeout(timer)
    if (mood === 'good') timer = setTimeout(() => tell({ missed: undefined, sent: 0 }), readable)
  }

  return {
    tell,
    /** A message of ours that had to wait was sent. */
    wentOut: () => tell({ sent: (known.sent ?? 0) + 1 }),
    clear() {
      known = {}
      tell({})
    },
  }
}

/**
 * @param {object} known
 * @param {string} [known.state] of the stream
 * @param {number} [known.wait] milliseconds until a busy server is asked again
 * @param {boolean} [known.broken] it was live, and broke without anybody wanting it
 * @param {number} [known.missed] messages caught up after a break; undefined when there was none
 * @param {boolean} [known.gap] some could not be caught up
 * @param {number} [known.waiting] own messages that could not be sent yet
 * @param {string} [known.trouble] why not
 * @param {number} [known.sent] own messages that had to wait and were sent
 * @returns {{ text: string, mood: 'bad' | 'good' | 'none' }}
 */
function sentence({ state, wait = 0, broken, missed, gap, waiting = 0, trouble, sent = 0 }, noun) {
  if (state === 'offline') {
    const own = waiting ? `${yours(waiting)} ${are(waiting, 'waits', 'wait')}` : 'what you say waits'
    const goes = are(waiting, 'goes out by itself', 'go out by themselves')
    return bad(`You are offline. What others say is kept for you; ${own} here and ${goes} when you are back.`)
  }
  if (state === 'busy') {
    const own = waiting ? ` ${capital(yours(waiting))} ${are(waiting, 'waits', 'wait')} here.` : ''
    return bad(`This server is busy: trying again in ${Math.ceil(wait / 1000)} s.${own}`)
  }
  if (state === 'resuming' && broken) {
    const own = waiting
      ? ` ${capital(yours(waiting))} ${are(waiting, 'waits here and goes', 'wait here and go')} out then.`
      : ''
    return bad(`The connection broke and comes back by itself.${own}`)
  }
  if (waiting && trouble) {
    const own = `${capital(yours(waiting))} ${are(waiting, 'waits', 'wait')} here: ${trouble}.`
    return bad(`${own} ${are(waiting, 'It is', 'They are')} sent again by ${are(waiting, 'itself', 'themselves')}.`)
  }
  const parts = []
  if (missed !== undefined) parts.push('Live again.')
  if (gap) parts.push(`Some ${noun}s are missing; the place is marked.`)
  else if (missed === 0) parts.push('You missed nothing.')
  else if (missed === 1) parts.push(`The ${noun} you missed is here.`)
  else if (missed) parts.push(`The ${missed} ${noun}s you missed are here.`)
  if (sent && !waiting) parts.push(`${capital(yours(sent))} went out.`)
  return parts.length ? { text: parts.join(' '), mood: 'good' } : { text: '', mood: 'none' }
}

const bad = (text) => ({ text, mood: 'bad' })
const yours = (count) => (count === 1 ? 'your message' : `your ${count} messages`)
const are = (count, one, many) => (count > 1 ? many : one)
const capital = (text) => text[0].toUpperCase() + text.slice(1)
