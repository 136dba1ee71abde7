// A question of the chat tool and its answer, which grows while it comes.
import { element } from './element.js'
import { growingText } from './growing-text.js'

/** @param {{ id: string, name?: string, role?: string, content?: string }} question without `content` it is not kept any more */
export function toolExchange({ id, name, role, content }) {
  const box = element('div', 'exchange')
  box.dataset.id = id
  box.dataset.state = 'running'
  // Nobody wants to hear each word of it: it is read when all of it is there.
  box.ariaBusy = 'true'
  const who = element('p', 'exchange-who')
  // Without a name what the question is stands in for it, and looks like that.
  who.append(name ? element('bdi', 'line-name', name) : element('span', 'line-event', role ?? 'question'))
  const asked =
    content === undefined
      ? element('p', 'asked asked-elsewhere', 'The question is not kept any more.')
      : element('p', 'asked', content)
  const said = growingText(element('p', 'said'))
  const fate = element('p', 'fate')
  box.append(who, asked, said.target, fate)

  let text = ''
  let seam
  /** What has come and is not drawn yet. */
  let waiting = []

  function draw() {
    for (const { before, piece } of waiting) {
      if (before) said.seam(before)
      said.add(piece)
    }
    waiting = []
  }

  function over(state, words = '') {
    draw()
    box.dataset.state = state
    box.ariaBusy = 'false'
    fate.textContent = words
  }

  return {
    box,
    question: content,
    get isRunning() {
      return box.dataset.state === 'running'
    },
    /** The answer so far. */
    get text() {
      return text
    },
    add(piece) {
      waiting.push({ before: text === '' ? undefined : seam, piece })
      seam = undefined
      text += piece
    },
    draw,
    /** Its reader is away: what comes next comes over another connection. */
    cut() {
      seam = 'cut'
    },
    /** All of it is here: in place of its pieces, should they not be the same. */
    whole(content) {
      if (content !== text) {
        text = content
        waiting = [{ piece: content }]
        said.clear()
      }
      over('done')
    },
    /** @param {string} why there is no more of it */
    fail: (why) => over('failed', `${text === '' ? 'no answer' : 'broke off'}: ${why}`),
    markMine() {
      if (box.classList.contains('line-mine')) return
      box.classList.add('line-mine')
      who.append(element('span', 'line-you', 'you'))
    },
  }
}
