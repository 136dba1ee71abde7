// Keeps a scrolling box at its newest line while the reader is there, and leaves it alone while they read older ones.

/** Near enough to the end to count as there: less than one line. */
const nearby = 24

/**
 * @param {HTMLElement} box
 * @param {(atBottom: boolean) => void} [onChange] told when the reader leaves the end or returns to it
 */
export function stickToBottom(box, onChange = () => {}) {
  let atBottom = true
  /** Where the reader was when it was last looked at. */
  let top = box.scrollTop

  /** Looks where the reader is now: the scroll event comes a frame late, and a line may come before it. */
  function look() {
    const isNear = box.scrollHeight - box.scrollTop - box.clientHeight < nearby
    // Who was at the end and did not go up is there still: the box got shorter, or its lines longer.
    if (!isNear && atBottom && box.scrollTop >= top) return toBottom()
    top = box.scrollTop
    tell(isNear)
  }

  function toBottom() {
    box.scrollTop = box.scrollHeight
    top = box.scrollTop
    tell(true)
  }

  function tell(now) {
    if (now === atBottom) return
    atBottom = now
    onChange(now)
  }

  // Scrolling has to work by keyboard, and not every browser lets one tab into a box that scrolls.
  box.tabIndex = 0
  box.addEventListener('scroll', look)
  // A phone's keyboard makes the box shorter: the newest line has to stay in sight.
  new ResizeObserver(() => atBottom && toBottom()).observe(box)

  return {
    toBottom,
    /** Runs `change`, which adds lines, and follows them if the reader was at the end. Says whether they were. */
    changing(change) {
      look()
      change()
      if (atBottom) toBottom()
      return atBottom
    },
  }
}
