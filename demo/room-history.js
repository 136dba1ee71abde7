// The room's past on the page: one line per event with its id, and a broken line where this reader was away.
import { element } from './element.js'
import { stickToBottom } from './stick-to-bottom.js'

/** Lines kept on the page; the room itself may keep more. */
export const most = 500

/**
 * @param {HTMLElement} list an `<ol>`
 * @param {HTMLElement} box the `role="log"` around it, which scrolls
 * @param {HTMLElement} newest a button that shows up when there is something new below
 */
export function roomHistory(list, box, newest) {
  const lines = new Map()
  const scroll = stickToBottom(box, (atBottom) => {
    if (atBottom) newest.hidden = true
  })
  newest.addEventListener('click', scroll.toBottom)

  /** Adds a line, lets the oldest go, and says whether the reader is where they see it. */
  function append(line) {
    return scroll.changing(() => {
      list.append(line)
      while (list.childElementCount > most) {
        lines.delete(list.firstElementChild.dataset.id)
        list.firstElementChild.remove()
      }
    })
  }

  return {
    /** @param {{ id: string, event: string, from?: string, text: string, raw: boolean, mine: boolean }} line */
    add({ id, event, from, text, raw, mine }) {
      const line = element('li', 'line')
      line.dataset.id = id
      const who = element('span', 'line-who')
      // Without a speaker the name of the event stands in for it, and looks like one.
      who.append(from ? element('bdi', 'line-name', from) : element('span', 'line-event', event))
      line.append(who, element('p', raw ? 'line-text line-raw' : 'line-text', text), element('code', 'line-id', id))
      lines.set(id, line)
      if (!append(line)) newest.hidden = false
      if (mine) this.markMine(id)
    },

    has: (id) => lines.has(id),

    toEnd: scroll.toBottom,

    /** Runs what changes the height of things below the history, and keeps a reader at the end there. */
    changing: scroll.changing,

    /** The answer to a publish can arrive after the event itself, so a line may become ours later. */
    markMine(id) {
      const line = lines.get(id)
      if (!line || line.classList.contains('line-mine')) return
      line.classList.add('line-mine')
      line.querySelector('.line-who').append(element('span', 'line-you', 'you'))
    },

    /** A place where the line is broken: `kind` is `away` or `gap`. Gives the element, to say more later. */
    mark(kind, text) {
      const mark = element('li', `mark mark-${kind}`)
      mark.append(element('span', 'mark-text', text))
      append(mark)
      return {
        say: (next) =>
          scroll.changing(() => {
            mark.firstElementChild.textContent = next
          }),
        heal: () => mark.classList.add('mark-healed'),
        remove: () => mark.remove(),
      }
    },

    /** While the past is being read in, a screen reader should not read all of it aloud. */
    busy: (busy) => box.setAttribute('aria-busy', String(busy)),

    clear() {
      lines.clear()
      list.replaceChildren()
      newest.hidden = true
    },
  }
}
