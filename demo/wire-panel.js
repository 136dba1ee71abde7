// One request for an event stream, shown as raw text, which comes back after the last id it saw when the connection breaks.
import { hasNetwork } from './network.js'
import { waitOf } from './refusal.js'
import { resumableSource } from './resumable-source.js'
import { wireTap } from './wire-tap.js'

/** @typedef {{ path: string, method?: string, headers?: Record<string, string>, body?: string }} Asked */

/**
 * Reads onto the wire.
 * @param {ReturnType<import('./wire-lines.js').wireLines>} wire
 * @param {string | (() => Asked)} what its path, or what to ask for each time that it is begun or resumed
 * @param {object} [options]
 * @param {number} [options.silence] milliseconds without an event after which the connection counts as dead
 * @param {(event: { event: string, data: unknown }) => void} [options.onEvent] each that is complete; what the stream says of
 *   itself is an object
 * @param {() => void} [options.onAsk] told before each attempt
 * @param {(answer: Response) => void} [options.onAnswer] told before the first line of each, also of a refusal
 * @param {(state: 'connecting' | 'resuming' | 'offline' | 'live' | 'busy', wait?: number) => void} [options.onState]
 * @param {(refusal?: import('./refusal.js').Refusal) => void} [options.onEnd] nothing more will come; with the refusal that was final
 * @param {() => boolean | string} [options.isOver] what has come is all, whatever the stream says; in words where it is not
 *   complete
 * @param {(refusal: import('./refusal.js').Refusal) => boolean} [options.isFinal] there is no point in asking again
 * @param {boolean} [options.isCut] it does not ask before it is resumed
 */
export function wirePanel(
  wire,
  what,
  { onEvent, onAsk, onAnswer, onState, onEnd, isOver = () => false, silence, isFinal, isCut } = {},
) {
  const { show } = wire
  const asking = typeof what === 'function' ? what : () => ({ path: what })
  /** What the last refusal asked for. */
  let wait = 0

  function asked() {
    const request = asking()
    const { body } = request
    const fetch = wireTap(wire, {
      body,
      onAsk,
      onAnswer(answer) {
        wait = waitOf(answer)
        onAnswer?.(answer)
      },
    })
    return { ...request, fetch }
  }

  function ended(refusal) {
    const over = isOver()
    if (refusal) show(Object.assign(refusal, { wait }).message, 'break')
    else if (typeof over === 'string') show(over, 'break')
    else show('complete, nothing more will come', 'complete')
    onEnd?.(refusal)
  }

  const source = resumableSource(
    asked,
    {
      state: (state, wait) => onState?.(state, wait),
      open: () => onState?.('live'),
      broken: () => show(hasNetwork() ? 'connection lost, asking again' : 'offline, waiting for the network', 'break'),
      message(message) {
        onEvent?.(message)
        if (!isOver()) return
        source.close()
        ended()
      },
      end: ended,
    },
    { silence, isFinal, isCut },
  )

  return {
    cut() {
      source.close()
      show(source.cursor ? `cut after id ${source.cursor}` : 'cut', 'break')
    },
    resume: source.resume,
    /** Closes without a word: the page is done with it. */
    close: source.close,
  }
}
