// The panel beside the ticker: a second request for the same stream, shown as raw text, bounded.
import { element } from './element.js'
import { stickToBottom } from './stick-to-bottom.js'
import { kindOf, readWireText } from './wire-text.js'

/** Lines kept on the page. */
const most = 240

/** How long to wait before asking again after a break that nobody asked for, in milliseconds. */
const wait = 2000

/** Takes over a `.wire` element and reads `path` into it. */
export function wirePanel(target, path) {
  const scroll = stickToBottom(target)
  let cursor = ''
  let connection

  function show(text, kind) {
    const line = element('span', 'wire-line')
    line.dataset.kind = kind
    const colon = text.indexOf(':')
    if (['id', 'event', 'data', 'retry'].includes(kind) && colon > 0) {
      line.append(element('b', '', text.slice(0, colon + 1)), text.slice(colon + 1))
    } else {
      line.textContent = text
    }
    line.append('\n')
    scroll.changing(() => {
      target.append(line)
      while (target.childElementCount > most) target.firstElementChild.remove()
    })
  }

  async function open() {
    const own = new AbortController()
    connection = own
    while (!own.signal.aborted) {
      const address = cursor ? `${path}?${new URLSearchParams({ lastEventId: cursor })}` : path
      let id = cursor
      show(`GET ${address}`, 'request')
      try {
        await readWireText(address, {
          signal: own.signal,
          onLine(line) {
            const kind = kindOf(line)
            // As for EventSource: an id counts once the empty line says that its event is complete.
            if (kind === 'id') id = line.slice(3).trim()
            if (kind === 'end') cursor = id
            show(line, kind)
          },
        })
      } catch {
        // A cut we made and a break we did not are both said below, where the loop knows which it was.
      }
      if (own.signal.aborted) return
      show('connection lost, asking again', 'break')
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
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
