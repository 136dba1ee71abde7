// The ticker at /sse as the pages see it: one tick a second, with an id that counts on after a cut.
import { resumableSource } from './resumable-source.js'

/** A clock that has not ticked for so long is not connected any more, in milliseconds. */
export const silence = 5000

/**
 * @param {object} options
 * @param {(tick: { id: string, time: Date }) => void} options.onTick
 * @param {(state: string) => void} options.onState
 */
export function tickerStream({ onTick, onState }) {
  return resumableSource(
    () => ({ path: '/sse' }),
    {
      state: onState,
      open: () => onState('live'),
      end: () => onState('ended'),
      message: ({ event, data, id }) => event === 'timestamp' && onTick({ id, time: new Date(data) }),
    },
    { silence },
  )
}
