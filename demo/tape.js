// Draws a stream as a line with one mark per event; where the connection was cut, the line is broken.
import { element } from './element.js'

/** More marks than the widest tape shows at once. */
const longest = 64

/** Takes over a `.tape` element; it repeats what the numbers say, so it is hidden from screen readers. */
export function tape(target) {
  const strip = element('div', 'tape-strip')
  target.append(strip)
  const still = matchMedia('(prefers-reduced-motion: reduce)')

  function append(part) {
    strip.append(part)
    while (strip.childElementCount > longest) strip.firstElementChild.remove()
    if (still.matches) return
    const from = `translateX(${part.getBoundingClientRect().width}px)`
    strip.animate({ transform: [from, 'none'] }, { duration: 320, easing: 'cubic-bezier(0.2, 0.8, 0.2, 1)' })
  }

  return {
    tick(id) {
      const mark = element('span', 'tape-tick')
      if (Number(id) % 5 === 0) mark.append(element('span', 'tape-label', id))
      append(mark)
    },
    cut() {
      // Two cuts with nothing between them are one hole in the line.
      if (strip.lastElementChild?.className === 'tape-break') return
      append(element('span', 'tape-break'))
    },
  }
}
