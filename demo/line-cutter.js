// Cuts text that comes in pieces into lines, wherever the pieces end.

/** @param {(line: string) => void} onLine */
export function lineCutter(onLine) {
  let rest = ''
  return {
    push(text) {
      // A stream may end its lines with CR as well; ours uses LF only, and these pages show ours.
      const lines = (rest + text).split('\n')
      rest = lines.pop()
      for (const line of lines) onLine(line)
    },
    /** What came after the last line's end: a line that is not complete. */
    get rest() {
      return rest
    },
  }
}
