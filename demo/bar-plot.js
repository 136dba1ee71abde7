// Draws numbers as bars, one more with each number, on a scale that stays where it is.

/** The drawing's own units. */
const [width, height, gap] = [240, 72, 3]

/**
 * @param {SVGElement} svg
 * @param {object} scale
 * @param {number} scale.places how many bars there is room for
 * @param {number} scale.top the number that reaches the top
 */
export function barPlot(svg, { places, top }) {
  const step = width / places
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`)

  function describe() {
    svg.setAttribute('aria-label', `${svg.childElementCount} of ${places} bars`)
  }

  return {
    add(number) {
      const bar = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
      const tall = Math.min(1, number / top) * height
      const place = {
        x: svg.childElementCount * step + gap / 2,
        y: height - tall,
        width: step - gap,
        height: tall,
        rx: 1,
      }
      for (const [attribute, value] of Object.entries(place)) bar.setAttribute(attribute, String(value))
      svg.append(bar)
      describe()
    },
    clear() {
      svg.replaceChildren()
      describe()
    },
  }
}
