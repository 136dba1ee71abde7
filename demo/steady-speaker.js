// Publishes 20 messages a second until it is stopped, or has gone on for a minute.
import { bearer } from './token.js'

/** So many at once, every so many milliseconds: a browser lets a tab that nobody looks at do something once a second. */
const [many, pace] = [5, 250]
const longest = 60_000

/**
 * @param {string} room
 * @param {(count: number) => object} say what to say
 * @param {(isOn: boolean) => void} onChange
 * @returns {() => void} begins or stops it
 */
export function steadySpeaker(room, say, onChange) {
  let timer
  let count = 0

  async function speak(until) {
    const lines = Array.from({ length: many }, () => JSON.stringify({ event: 'tick', data: say(++count) }))
    await fetch(`/rooms/${encodeURIComponent(room)}/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', ...bearer() },
      body: lines.join('\n'),
    }).catch(() => {}) // What was not said is not missed either: it never was in the room.
    if (timer === undefined) return
    if (Date.now() > until) stop()
    else timer = setTimeout(speak, pace, until)
  }

  function stop() {
    clearTimeout(timer)
    timer = undefined
    onChange(false)
  }

  return () => {
    if (timer !== undefined) return stop()
    timer = setTimeout(speak, 0, Date.now() + longest)
    onChange(true)
  }
}
