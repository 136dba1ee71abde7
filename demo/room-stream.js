// One reader's view of a room: its history, what is said from now on, and what happened while it was away.
import { resumableSource } from './resumable-source.js'
import { most } from './room-history.js'
import { roomTicket } from './room-ticket.js'
import { heldToken } from './token.js'

/** States in which the connection is gone and may come back. */
const aways = ['resuming', 'offline', 'cut', 'busy', 'signed-out', 'refused']

/** Ids remembered, as after a gap all that is kept comes once more: twice what a room keeps. */
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

  function message({ event, data, id }) {
    if (seen.has(id)) return
    if (id) seen.add(id)
    if (seen.size > mostSeen) seen.delete(seen.values().next().value)
    if (!replaying && gap) {
      gap = false
      on.state('live')
    }
    on.message({ id, event, data, isNew: !replaying })
  }

  const events = {
    ...Object.fromEntries(names.map((name) => [name, message])),
    'stream.presence': ({ data }) => on.readers(Object(data).subscribers),
    'stream.gap'({ data }) {
      gap = true
      on.gap(Object(data))
    },
    'stream.live'({ id }) {
      replaying = false
      isPlanned = false
      on.state(gap ? 'gap' : 'live')
      on.live({ at: id, gap })
    },
    'stream.error': ({ data }) => on.error(Object(data)),
    'stream.end'({ data }) {
      isPlanned = Boolean(Object(data).reconnect)
    },
  }

  const source = resumableSource(
    () => {
      const { pathname, searchParams } = new URL(path, location.href)
      // Someone who comes late, or loads the page anew, gets as much of the past as the page can show.
      searchParams.set('from', String(most))
      return {
        path: `${pathname}?${searchParams}`,
        ...(heldToken() && { ticket: () => roomTicket(room) }),
      }
    },
    {
      state,
      message: (message) => Object.hasOwn(events, message.event) && events[message.event](message),
      end({ status, reason = 'The room is closed: nothing more will be said here.' } = {}) {
        state(status === 401 ? 'signed-out' : status === 403 ? 'refused' : 'ended')
        // What to do about the other refusals, their states say.
        if (status !== 401 && status !== 403) on.ended(reason)
      },
    },
  )

  return source
}
