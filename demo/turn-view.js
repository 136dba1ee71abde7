// A question and its answer on the page: the text grows, and where its reader was away there is a seam in it.
import { element } from './element.js'
import { growingText } from './growing-text.js'

/**
 * @param {import('./kept-chat.js').Turn} turn
 * @param {(change: () => void) => void} changing runs what makes the conversation longer
 */
export function turnView({ key, question, model }, changing) {
  const line = element('li', 'turn')
  line.dataset.id = key
  const thought = element('details', 'thought')
  const thoughts = growingText(element('p', 'thought-text'))
  thought.append(element('summary', '', 'What it thought'), thoughts.target)
  thought.open = true
  thought.hidden = true
  const said = growingText(element('p', 'said'))
  const fate = element('p', 'fate')
  const actions = element('div', 'turn-actions')
  const asked = question ?? 'Asked in another browser: the question is not kept in this one.'
  line.append(
    element('p', 'turn-who', 'You'),
    element('p', question === undefined ? 'asked asked-elsewhere' : 'asked', asked),
    element('p', 'turn-who turn-model', model ?? 'Model'),
    thought,
    said.target,
    fate,
    actions,
  )

  /** What has come and is not drawn yet: what comes in one piece is drawn together. */
  let waiting = []
  let text = ''
  let thinking = ''

  function draw() {
    const pieces = waiting
    waiting = []
    changing(() => {
      for (const piece of pieces) {
        if (piece.seam) said.seam(piece.seam)
        said.add(piece.text)
        if (piece.thought) thought.hidden = false
        thoughts.add(piece.thought)
      }
    })
  }

  return {
    line,
    /** The whole text so far, to the letter. */
    get text() {
      return text
    },
    get thought() {
      return thinking
    },
    /** @param {Pick<import('./answer-stream.js').Piece, 'text' | 'thought' | 'seam'>} piece */
    add(piece) {
      text += piece.text
      thinking += piece.thought
      if (waiting.push(piece) === 1) queueMicrotask(draw)
    },
    clear() {
      waiting = []
      text = ''
      thinking = ''
      thought.hidden = true
      said.clear()
      thoughts.clear()
    },
    /** @param {string} state of the turn, for its look */
    tell(state, words = '') {
      changing(() => {
        line.dataset.state = state
        fate.textContent = words
      })
    },
    /** @param {Record<string, () => void>} offered by what its button says */
    offer(offered = {}) {
      changing(() => actions.replaceChildren(...Object.entries(offered).map(([name, act]) => button(name, act))))
    },
  }
}

function button(name, act) {
  const made = element('button', 'quiet', name)
  made.type = 'button'
  made.addEventListener('click', act)
  return made
}
