// A text that grows on the page, and the seams in it where its reader was away. No piece of it is ever more than text.
import { element } from './element.js'

/** @param {HTMLElement} target */
export function growingText(target) {
  return {
    target,
    add(text) {
      if (text === '') return
      if (target.lastChild instanceof Text) target.lastChild.appendData(text)
      else target.append(text)
    },
    /** @param {'cut' | 'joined'} kind drawn, not written: it is no part of the text */
    seam(kind) {
      const made = element('span', `seam seam-${kind}`)
      made.ariaHidden = 'true'
      target.append(made)
    },
    clear: () => target.replaceChildren(),
  }
}
