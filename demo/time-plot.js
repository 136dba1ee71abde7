// Draws how long the last messages took: a dot each, newest at the right, and three figures beside it.

/** Dots kept, and places for them from the start: the drawing is not redrawn closer with each of the first ones. */
const [most, least] = [60, 24]

/** The drawing's own units; above its ceiling stands the scale. */
const [width, height, edge, ceiling] = [240, 64, 5, 16]

/** Time between two changes of the words that stand for the drawing, in milliseconds: nobody can listen to each dot. */
const calm = 4000

/** @param {HTMLElement} figure with an `<svg>`, and elements for what it says: the scale, three figures, that it is empty */
export function timePlot(figure) {
  const svg = figure.querySelector('svg')
  const says = Object.fromEntries([...figure.querySelectorAll('[data-says]')].map((one) => [one.dataset.says, one]))
  let times = []
  let describing

  function draw() {
    const sorted = times.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b)
    const [median, slowest] = [sorted[sorted.length >> 1], sorted.at(-1)]
    const top = roundedUp(slowest)
    const step = (width - 2 * edge) / (Math.max(times.length, least) - 1)
    const y = (milliseconds) => height - edge - (milliseconds / top) * (height - edge - ceiling)
    const dots = times.map(({ milliseconds, own }, index) => {
      const behind = times.length - 1 - index
      const place = { cx: width - edge - behind * step, cy: y(milliseconds), r: behind ? 2.5 : 4 }
      return shape('circle', { class: own ? 'times-own' : 'times-other', ...place })
    })
    svg.replaceChildren(
      shape('path', { class: 'times-ceiling', d: `M0 ${ceiling}H${width}` }),
      shape('path', { class: 'times-middle', d: `M0 ${y(median)}H${width}` }),
      shape('polyline', {
        class: 'times-line',
        points: dots.map((dot) => ['cx', 'cy'].map((at) => dot.getAttribute(at))),
      }),
      ...dots,
    )
    says.empty.hidden = true
    says.scale.textContent = inWords(top)
    says.last.textContent = inWords(times.at(-1).milliseconds)
    says.median.textContent = inWords(median)
    says.slowest.textContent = inWords(slowest)
  }

  function describe() {
    const [last, median, slowest] = [says.last, says.median, says.slowest].map((one) => one.textContent)
    const which = times.length === 1 ? 'one message' : `the last ${times.length} messages`
    const text = `Time of ${which} from Send to screen: the last took ${last}, the median is ${median}, the slowest took ${slowest}.`
    svg.setAttribute('aria-label', text)
  }

  return {
    /** @param {{ milliseconds: number, own: boolean }} time */
    add(time) {
      times = [...times, time].slice(-most)
      draw()
      if (describing) return
      describe()
      describing = setInterval(describe, calm)
    },
  }
}

function shape(name, attributes) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value)
  return made
}

const inWords = (milliseconds) =>
  milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`

/** The next of 10, 20, 50, 100 …: a scale that stays where it is for most messages. */
function roundedUp(milliseconds) {
  const power = 10 ** Math.floor(Math.log10(Math.max(milliseconds, 10)))
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= milliseconds)
}
