// The parts in which a file came, one line for each request.
import { element } from './element.js'
import { stickToBottom } from './stick-to-bottom.js'

/** @param {HTMLOListElement} list that scrolls */
export function downloadParts(list) {
  const scroll = stickToBottom(list)
  let from
  let range

  return {
    /** A part begins at the byte `first`. */
    begin(first, status) {
      from = first
      range = element('span', 'part-range', `from ${from.toLocaleString('en')}`)
      const line = element('li', 'part')
      line.append(element('span', 'part-status', String(status)), range)
      scroll.changing(() => list.append(line))
    },
    /** It has come up to the byte before `next`. */
    reach(next) {
      range.textContent = `bytes ${from.toLocaleString('en')} to ${(next - 1).toLocaleString('en')}`
    },
    clear() {
      list.replaceChildren()
    },
  }
}
