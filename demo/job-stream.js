// The events of one job, from its first to its last, over however many connections.
import { wirePanel } from './wire-panel.js'

/** What is told of the ends a job may come to, by their code. */
const ends = {
  'producer-stopped': ['Stopped', () => 'It was stopped: the server heard it, and the work ended there.'],
  'producer-failed': ['Failed', (message) => `It failed: ${message}.`],
  'producer-lost': ['Lost', () => 'It was lost with the server it ran on: nobody works on it any more.'],
}

/**
 * @param {ReturnType<import('./wire-lines.js').wireLines>} wire
 * @param {string} id
 * @param {object} on
 * @param {(progress: { done: number, of: number, percent: number }) => void} on.progress
 * @param {(line: string) => void} on.log
 * @param {(reason: string) => void} on.gap what came before is not kept any more
 * @param {(state: string) => void} on.state
 * @param {(trouble: string) => void} on.trouble the server cannot tell how it goes now, and will be asked again
 * @param {(end: { word: string, text: string, isDone: boolean }) => void} on.end once, in words
 */
export function jobStream(wire, id, on) {
  let isOver = false

  function end(word, text, isDone = false) {
    if (isOver) return
    isOver = true
    on.end({ word, text, isDone })
  }

  const events = {
    progress: on.progress,
    log: ({ line }) => on.log(line),
    done: ({ result }) => end('Done', `Done: ${typeof result === 'string' ? result : JSON.stringify(result)}`, true),
    'stream.gap': ({ reason }) => on.gap(reason),
    'stream.error'({ code, message }) {
      // A code is whatever the stream says: not a name that every object has.
      const [word, text] = Object.hasOwn(ends, code) ? ends[code] : []
      if (word) end(word, text(message?.replace(/\.$/, '')))
      else on.trouble(message)
    },
  }

  return wirePanel(wire, `/progress/${encodeURIComponent(id)}/events`, {
    onState: (state) => isOver || on.state(state),
    onEvent: ({ event, data }) =>
      Object.hasOwn(events, event) && events[event](typeof data === 'string' ? JSON.parse(data) : data),
    onEnd: (refusal) => (refusal ? end('Not found', refusal.message) : end('Over', 'It is over.')),
  })
}
