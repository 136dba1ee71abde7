// One reader's view of a room: its history, what is said from now on, and what happened while it was away.
import { admission } from './admission.js'
import { resumableSource } from './resumable-source.js'
import { most } from './room-history.js'
import { bearer, heldToken } from './token.js'
import { verdict } from './verdict.js'

/** States in which the connection is gone and may come back. */
const aways = ['resuming', 'offline', 'cut', 'busy', 'signed-out', 'refused']

/** Ids remembered to refuse a second delivery: twice what a room keeps. */
const mostSeen = 2000

/**
 * @param {string} room
 * @param {object} on
 * @param {(state: string, wait?: number) => void} on.state
 * @param {(message: { id: string, event: string, data: string, isNew: boolean }) => void} on.message each id once;
 *   `isNew`: said just now, not caught up
 * @param {(readers: number) => void} on.readers
 * @param {(gap: { reason: string, asked: string | null, oldest: string | null, newest: string | null }) => void} on.gap
 * @param {(lost: { cause: string, after: string, isPlanned: boolean }) => void} on.lost the connection is gone: `cause` is
 *   the state it is in, `after` the last id seen; `isPlanned`: the server asked to come back, for a deploy or its age
 * @param {(resumed: { at: string, gap: boolean }) => void} on.live the past is complete; `at` is the
 *   room's newest id
 * @param {(reason: string) => void} on.ended nothing more will come
 * @param {(error: { message: string, code?: string, run?: string }) => void} on.error the server broke off a stream and says
 *   so, or, with a `run`, work in the room
 * @param {{ path?: string, names?: string[] }} [options] where its events are, and which of them are messages
 */
export function roomStream(
  room,
  on,
  { path = `/rooms/${encodeURIComponent(room)}/events`, names = ['message', 'chat'] } = {},
) {
  const info = `/rooms/${encodeURIComponent(room)}`
  const seen = new Set()
  let replaying = true
  let gap = false
  let isPlanned = false

  function state(next, wait) {
    // The same loss is reported at each attempt to come back; the history should tell it once.
    if (!replaying && aways.includes(next)) {
      replaying = true
      on.lost({ cause: next, after: source.cursor, isPlanned })
    }
    on.state(next, wait)
  }

  function message(event) {
    // The server promises each event once; this holds the promise on the page even if an answer overlaps.
    if (seen.has(event.lastEventId)) return
    if (event.lastEventId) seen.add(event.lastEventId)
    if (seen.size > mostSeen) seen.delete(seen.values().next().value)
    if (!replaying && gap) {
      gap = false
      on.state('live')
    }
    on.message({ id: event.lastEventId, event: event.type, data: event.data, isNew: !replaying })
  }

  const source = resumableSource(path, {
    // Someone who comes late, or loads the page anew, gets as much of the past as the page can show.
    query: { from: String(most) },
    onState: state,
    admit: (signal) => (heldToken() ? admission(room, signal).then(heard) : undefined),
    whyRefused,
    on: {
      ...Object.fromEntries(names.map((name) => [name, message])),
      'stream.presence': (event) => on.readers(JSON.parse(event.data).subscribers),
      'stream.gap'(event) {
        gap = true
        on.gap(JSON.parse(event.data))
      },
      'stream.live'(event) {
        replaying = false
        isPlanned = false
        on.state(gap ? 'gap' : 'live')
        on.live({ at: event.lastEventId, gap })
      },
      'stream.error': (event) => on.error(JSON.parse(event.data)),
      'stream.end'(event) {
        // With `reconnect` the browser comes back by itself, after the stream's own `retry`.
        isPlanned = JSON.parse(event.data).reconnect
        if (isPlanned) return
        source.stop('ended')
        on.ended('The room is closed: nothing more will be said here.')
      },
    },
  })

  /** EventSource does not tell why it was refused, so the room is asked in plain HTTP. */
  async function whyRefused() {
    const answer = await fetch(info, { headers: bearer() })
    if (!answer.ok) return heard(await verdict(answer))
    const isClosed = (await answer.json()).state === 'closed'
    return isClosed
      ? heard({ stop: 'ended', reason: 'The room is closed: nothing more will be said here.' })
      : undefined
  }

  /** Says why nothing more will come; what to do about other refusals, their states say. */
  function heard(outcome) {
    if (outcome.stop === 'ended') on.ended(outcome.reason)
    return outcome
  }

  return source
}
