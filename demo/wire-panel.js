// One request for an event stream, shown as raw text, which comes back after the last id it saw when the connection breaks.
import { backoff, hasNetwork, onNetwork, pause } from './network.js'
import { kindOf, readWireText } from './wire-text.js'

/** The id of a stream that came to its end: there is nothing after it. */
const theEnd = '~end'

/**
 * Reads `path` onto the wire.
 * @param {ReturnType<import('./wire-lines.js').wireLines>} wire
 * @param {string} path
 * @param {object} options
 * @param {number} options.silence milliseconds without a line after which the connection counts as dead
 * @param {(line: string) => void} [options.onLine]
 * @param {(state: 'connecting' | 'resuming' | 'offline' | 'live') => void} [options.onState]
 * @param {(refused?: string) => void} [options.onEnd] nothing more will come; with the reason where it was refused
 */
export function wirePanel({ show }, path, { silence, onLine = () => {}, onState = () => {}, onEnd = () => {} }) {
  let cursor = ''
  let connection

  async function open() {
    const own = new AbortController()
    connection = own
    for (let attempts = 0; !own.signal.aborted; ) {
      onState(hasNetwork() ? (cursor ? 'resuming' : 'connecting') : 'offline')
      const { heard, ended, refused } = await read(own.signal)
      if (own.signal.aborted) return
      if (refused) show(refused, 'break')
      if (ended) show('complete, nothing more will come', 'complete')
      if (refused || ended) return onEnd(refused)
      if (heard) attempts = 0
      onState(hasNetwork() ? 'resuming' : 'offline')
      show(hasNetwork() ? 'connection lost, asking again' : 'offline, waiting for the network', 'break')
      await pause(backoff(attempts++), own.signal)
    }
  }

  /**
   * One request, read until it ends for whatever reason: says whether anything came, whether that was all, and why there is
   * no point in asking again.
   */
  async function read(signal) {
    const attempt = new AbortController()
    const give = () => attempt.abort()
    const address = cursor ? `${path}?${new URLSearchParams({ lastEventId: cursor })}` : path
    let id = cursor
    let heard = false
    let ended = false
    let refused
    let timer = setTimeout(give, silence)
    onNetwork(() => hasNetwork() || give(), attempt.signal)
    show(`GET ${address}`, 'request')
    try {
      const answer = await readWireText(address, {
        signal: AbortSignal.any([signal, attempt.signal]),
        onLine(line) {
          if (!heard) onState('live')
          heard = true
          clearTimeout(timer)
          timer = setTimeout(give, silence)
          const kind = kindOf(line)
          // As for EventSource: an id counts once the empty line says that its event is complete.
          if (kind === 'id') id = line.slice(3).trim()
          if (kind === 'end') cursor = id
          show(line, kind)
          onLine(line)
        },
      })
      ended = answer.status === 204 || cursor === theEnd
    } catch (error) {
      // A cut we made and a break we did not are both said by `open`, which knows which it was.
      if (isFinal(error.cause)) refused = error.message
    }
    clearTimeout(timer)
    give()
    return { heard, ended, refused }
  }

  open()
  return {
    cut() {
      connection.abort()
      show(cursor ? `cut after id ${cursor}` : 'cut', 'break')
    },
    resume: open,
    /** Closes without a word: the page is done with it. */
    close: () => connection.abort(),
  }
}

/** A refusal that will be the same next time. */
const isFinal = (status) => status >= 400 && status < 500 && ![408, 429].includes(status)
