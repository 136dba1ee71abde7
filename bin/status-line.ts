/** One line on stderr that says how far something is and is written over: on a terminal, and nowhere else. */
import type { Terminal } from './command.ts'

export interface StatusLine {
  /** The text has to be printable. */
  update(text: string): void
  /** Takes it away, before something else is written. */
  clear(): void
}

/** Milliseconds between two updates: more than anybody reads. */
const PAUSE = 100

export function statusLine({ stderr, env }: Terminal): StatusLine {
  if (!stderr.isTTY || env.TERM === 'dumb') return { update: () => {}, clear: () => {} }
  let last = Number.NEGATIVE_INFINITY
  let isThere = false
  return {
    update(text) {
      const now = performance.now()
      if (now - last < PAUSE) return
      last = now
      isThere = true
      // A terminal may not know how wide it is, and say 0.
      stderr.write(`\r\x1b[2K${text.slice(0, (stderr.columns || 80) - 1)}`)
    },
    clear() {
      if (isThere) stderr.write('\r\x1b[2K')
      isThere = false
      last = Number.NEGATIVE_INFINITY
    },
  }
}
