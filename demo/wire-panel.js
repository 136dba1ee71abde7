// One request for an event stream, shown as raw text, which comes back after the last id it saw when the connection breaks.
import { eventCutter } from './event-cutter.js'
import { backoff, hasNetwork, onNetwork, pause } from './network.js'
import { Refusal } from './refusal.js'
import { showAnswer, showRequest } from './wire-request.js'
import { kindOf, readWireText } from './wire-text.js'

/** The id of a stream that came to its end: there is nothing after it. */
const theEnd = '~end'

/** @typedef {{ path: string, method?: string, headers?: Record<string, string>, body?: string }} Asked */

/**
 * Reads onto the wire.
 * @param {ReturnType<import('./wire-lines.js').wireLines>} wire
 * @param {string | ((cursor: string) => Asked)} what its path, or what to ask for after that id
 * @param {object} options
 * @param {number} options.silence milliseconds without a line after which the connection counts as dead
 * @param {(event: { event: string, data: string }) => void} [options.onEvent] each that is complete
 * @param {(answer: Response) => void} [options.onAnswer] told before the first line of each, also of a refusal
 * @param {(state: 'connecting' | 'resuming' | 'offline' | 'live' | 'busy', wait?: number) => void} [options.onState]
 * @param {(refusal?: Refusal) => void} [options.onEnd] nothing more will come; with the refusal that was final
 * @param {() => boolean | string} [options.isOver] what has come is all, whatever the stream says; in words where it is not
 *   complete
 * @param {(refusal: Refusal) => boolean} [options.isFinal] there is no point in asking again
 * @param {boolean} [options.isCut] it does not ask before it is resumed
 */
export function wirePanel(
  wire,
  what,
  {
    silence,
    onEvent = () => {},
    onAnswer = () => {},
    onState = () => {},
    onEnd = () => {},
    isOver = () => false,
    isFinal = (refusal) => refusal.isFinal,
    isCut = false,
  },
) {
  const { show } = wire
  const asking = typeof what === 'function' ? what : (cursor) => ({ path: after(what, cursor) })
  let cursor = ''
  let connection

  async function open() {
    const own = new AbortController()
    connection = own
    for (let attempts = 0; !own.signal.aborted; ) {
      onState(hasNetwork() ? (cursor ? 'resuming' : 'connecting') : 'offline')
      const { heard, ended, refusal } = await read(own.signal)
      if (own.signal.aborted) return
      const isRefused = refusal && isFinal(refusal)
      if (isRefused) show(refusal.message, 'break')
      if (ended) showEnd(isOver())
      if (isRefused || ended) return onEnd(isRefused ? refusal : undefined)
      if (heard) attempts = 0
      const wait = backoff(attempts++, refusal?.wait)
      if (!hasNetwork()) onState('offline')
      else if (refusal?.wait) onState('busy', wait)
      else onState(cursor ? 'resuming' : 'connecting')
      show(hasNetwork() ? 'connection lost, asking again' : 'offline, waiting for the network', 'break')
      await pause(wait, own.signal)
    }
  }

  /**
   * One request, read until it ends for whatever reason: says whether anything came, whether that was all, and how it was
   * refused.
   */
  async function read(signal) {
    const attempt = new AbortController()
    const give = () => attempt.abort()
    const { path, ...request } = asking(cursor)
    // What the last connection left of an event is not the beginning of this one's.
    const events = eventCutter(onEvent)
    let id = cursor
    let heard = false
    let ended = false
    let refusal
    let timer = setTimeout(give, silence)
    onNetwork(() => hasNetwork() || give(), attempt.signal)
    showRequest(wire, path, request)
    try {
      const answer = await readWireText(path, {
        ...request,
        signal: AbortSignal.any([signal, attempt.signal]),
        onAnswer(answer) {
          if (!answer.ok) showAnswer(wire, answer)
          onAnswer(answer)
        },
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
          events(line)
        },
      })
      ended = answer.status === 204 || cursor === theEnd
    } catch (error) {
      // A cut we made and a break we did not are both said by `open`, which knows which it was.
      if (error instanceof Refusal) refusal = error
    }
    clearTimeout(timer)
    give()
    return { heard, ended: ended || Boolean(isOver()), refusal }
  }

  const showEnd = (words) =>
    typeof words === 'string' ? show(words, 'break') : show('complete, nothing more will come', 'complete')

  if (!isCut) open()
  return {
    cut() {
      connection?.abort()
      show(cursor ? `cut after id ${cursor}` : 'cut', 'break')
    },
    resume: open,
    /** Closes without a word: the page is done with it. */
    close: () => connection?.abort(),
  }
}

const after = (path, cursor) => (cursor ? `${path}?${new URLSearchParams({ lastEventId: cursor })}` : path)
