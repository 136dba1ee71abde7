// The panel beside the ticker: a second request for the same stream, shown as raw text, bounded.
import { hasNetwork, onNetwork, pause } from './network.js'
import { wireLines } from './wire-lines.js'
import { kindOf, readWireText } from './wire-text.js'

/**
 * Takes over a `.wire` element and reads `path` into it.
 * @param {HTMLElement} target
 * @param {string} path
 * @param {object} options
 * @param {number} options.silence milliseconds without a line after which the connection counts as dead
 */
export function wirePanel(target, path, { silence }) {
  const { show } = wireLines(target)
  let cursor = ''
  let connection

  async function open() {
    const own = new AbortController()
    connection = own
    for (let attempts = 0; !own.signal.aborted; ) {
      if (await read(own.signal)) attempts = 0
      if (own.signal.aborted) return
      show(hasNetwork() ? 'connection lost, asking again' : 'offline, waiting for the network', 'break')
      await pause(attempts++, own.signal)
    }
  }

  /** One request, read until it ends for whatever reason; says whether anything came. */
  async function read(signal) {
    const attempt = new AbortController()
    const give = () => attempt.abort()
    const address = cursor ? `${path}?${new URLSearchParams({ lastEventId: cursor })}` : path
    let id = cursor
    let heard = false
    let timer = setTimeout(give, silence)
    onNetwork(() => hasNetwork() || give(), attempt.signal)
    show(`GET ${address}`, 'request')
    try {
      await readWireText(address, {
        signal: AbortSignal.any([signal, attempt.signal]),
        onLine(line) {
          heard = true
          clearTimeout(timer)
          timer = setTimeout(give, silence)
          const kind = kindOf(line)
          // As for EventSource: an id counts once the empty line says that its event is complete.
          if (kind === 'id') id = line.slice(3).trim()
          if (kind === 'end') cursor = id
          show(line, kind)
        },
      })
    } catch {
      // A cut we made and a break we did not are both said by `open`, which knows which it was.
    }
    clearTimeout(timer)
    give()
    return heard
  }

  open()
  return {
    cut() {
      connection.abort()
      show(cursor ? `cut after id ${cursor}` : 'cut', 'break')
    },
    resume: open,
  }
}
