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
  return resumableSource('/sse', {
    silence,
    onState,
    onOpen: () => onState('live'),
    on: { timestamp: (event) => onTick({ id: event.lastEventId, time: new Date(event.data) }) },
  })
}
