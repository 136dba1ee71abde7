// The ticker at /sse as the pages see it: one tick a second, with an id that counts on after a cut.
import { resumableSource } from './resumable-source.js'

/**
 * @param {object} options
 * @param {(tick: { id: string, time: Date }) => void} options.onTick
 * @param {(state: string) => void} options.onState
 */
export function tickerStream({ onTick, onState }) {
  return resumableSource('/sse', {
    onState,
    onOpen: () => onState('live'),
    on: { timestamp: (event) => onTick({ id: event.lastEventId, time: new Date(event.data) }) },
  })
}
