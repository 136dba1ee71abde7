// How fast an answer comes: what was caught up after an absence is no measure of the model.

/** @param {boolean} isNew it is asked just now: the time to its first token can be told */
export function answerMeter(isNew) {
  const began = performance.now()
  let tokens = 0
  let first
  let live = 0
  let time = 0
  let last

  return {
    /** A token has come; `isLive`: it was said just now. */
    count(isLive) {
      tokens++
      const now = performance.now()
      if (tokens === 1 && isNew && isLive) first = now - began
      if (!isLive) last = undefined
      else {
        if (last !== undefined) {
          time += now - last
          live++
        }
        last = now
      }
    },
    /** The time from here to the next token is nobody's. */
    pause() {
      last = undefined
    },
    /** All comes once more. */
    restart() {
      tokens = 0
      last = undefined
    },
    /** @returns {{ tokens: number, first?: number, rate?: number }} in milliseconds, and tokens a second */
    get figures() {
      return { tokens, first, rate: time > 0 ? live / (time / 1000) : undefined }
    },
  }
}
