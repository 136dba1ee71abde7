// The lines of a wire panel: each in the colour of what it is, the newest in sight, and never more than a page can hold.
import { element } from './element.js'
import { stickToBottom } from './stick-to-bottom.js'

/** Lines kept on the page. */
const most = 240

/** Kinds of lines that begin with a name and a colon. */
const named = ['id', 'event', 'data', 'retry', 'header']

/** @param {HTMLElement} target a `.wire` element */
export function wireLines(target) {
  const scroll = stickToBottom(target)
  let waiting = []

  /** Lines that come in one piece are put there together: a page that is drawn for each would be slow with many. */
  function flush() {
    const lines = waiting.slice(-most)
    waiting = []
    scroll.changing(() => {
      target.append(...lines)
      while (target.childElementCount > most) target.firstElementChild.remove()
    })
  }

  return {
    /**
     * Adds one line.
     * @param {string | (string | Node)[]} content
     * @param {string} kind
     */
    show(content, kind) {
      const line = element('span', 'wire-line')
      line.dataset.kind = kind
      line.append(...(typeof content === 'string' ? parts(content, kind) : content), '\n')
      if (waiting.push(line) === 1) queueMicrotask(flush)
    },
    clear() {
      waiting = []
      target.replaceChildren()
      scroll.toBottom()
    },
  }
}

function parts(text, kind) {
  const colon = text.indexOf(':')
  if (!named.includes(kind) || colon < 1) return [text]
  return [element('b', '', text.slice(0, colon + 1)), text.slice(colon + 1)]
}
