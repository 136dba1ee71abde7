// Keeps a scrolling box at its newest line while the reader is there, and leaves it alone while they read older ones.

/** Near enough to the end to count as there: less than one line. */
const nearby = 24

/**
 * @param {HTMLElement} box
 * @param {(atBottom: boolean) => void} [onChange] told when the reader leaves the end or returns to it
 */
export function stickToBottom(box, onChange = () => {}) {
  let atBottom = true
  const toBottom = () => {
    box.scrollTop = box.scrollHeight
  }

  // Scrolling has to work by keyboard, and not every browser lets one tab into a box that scrolls.
  box.tabIndex = 0
  box.addEventListener('scroll', () => {
    const now = box.scrollHeight - box.scrollTop - box.clientHeight < nearby
    if (now === atBottom) return
    atBottom = now
    onChange(now)
  })
  // A phone's keyboard makes the box shorter: the newest line has to stay in sight.
  new ResizeObserver(() => atBottom && toBottom()).observe(box)

  return {
    get atBottom() {
      return atBottom
    },
    toBottom,
    /** Call after adding lines. */
    follow: () => atBottom && toBottom(),
  }
}
