// One reader's view of a room: its history, what is said from now on, and what happened while it was away.
import { resumableSource } from './resumable-source.js'

/** How much of the past someone who comes late gets to see, in events. */
const history = '100'

/** Ids remembered to refuse a second delivery: twice what a room keeps. */
const mostSeen = 2000

/**
 * @param {string} room
 * @param {object} on
 * @param {(state: string) => void} on.state
 * @param {(message: { id: string, event: string, data: string }) => void} on.message each id once
 * @param {(readers: number) => void} on.readers
 * @param {(gap: { reason: string, asked: string | null, oldest: string | null, newest: string | null }) => void} on.gap
 * @param {(lost: { after: string }) => void} on.lost the connection is gone; `after` is the last id seen
 * @param {(resumed: { at: string, caughtUp: number }) => void} on.live the past is complete; `at` is the room's newest id
 * @param {(reason: string) => void} on.ended nothing more will come
 * @param {(message: string) => void} on.error the server broke off a stream and says so
 */
export function roomStream(room, on) {
  const path = `/rooms/${encodeURIComponent(room)}`
  const seen = new Set()
  let caughtUp = 0
  let replaying = true
  let gap = false

  function state(next) {
    // The same loss is reported at each attempt to come back; the history should tell it once.
    if (!replaying && (next === 'resuming' || next === 'cut')) {
      replaying = true
      caughtUp = 0
      on.lost({ after: source.cursor })
    }
    on.state(next)
  }

  function message(event) {
    // The server promises each event once; this holds the promise on the page even if an answer overlaps.
    if (seen.has(event.lastEventId)) return
    if (event.lastEventId) seen.add(event.lastEventId)
    if (seen.size > mostSeen) seen.delete(seen.values().next().value)
    if (replaying) caughtUp++
    else if (gap) {
      gap = false
      on.state('live')
    }
    on.message({ id: event.lastEventId, event: event.type, data: event.data })
  }

  const source = resumableSource(`${path}/events`, {
    query: { from: history },
    onState: state,
    whyRefused: () => whyRefused(path),
    on: {
      message,
      chat: message,
      'stream.presence': (event) => on.readers(JSON.parse(event.data).subscribers),
      'stream.gap'(event) {
        gap = true
        on.gap(JSON.parse(event.data))
      },
      'stream.live'(event) {
        replaying = false
        on.state(gap ? 'gap' : 'live')
        on.live({ at: event.lastEventId, caughtUp })
        caughtUp = 0
      },
      'stream.error': (event) => on.error(JSON.parse(event.data).message),
      'stream.end'(event) {
        // With `reconnect` the browser comes back by itself, after the stream's own `retry`.
        if (JSON.parse(event.data).reconnect) return
        source.end()
        on.ended('The room is closed: nothing more will be said here.')
      },
    },
  })

  /** EventSource does not tell why it was refused, so the room is asked in plain HTTP. */
  async function whyRefused() {
    const answer = await fetch(path)
    const body = await answer.json()
    // A room where nothing was said yet is unknown to the server and still a room to wait in.
    const final = answer.ok ? body.state === 'closed' : answer.status < 500 && ![404, 408, 429].includes(answer.status)
    if (!final) return undefined
    const reason = answer.ok ? 'The room is closed: nothing more will be said here.' : (body.detail ?? body.title)
    on.ended(reason)
    return reason
  }

  return source
}
