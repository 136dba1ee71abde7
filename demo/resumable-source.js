// A stream that is read on after the last id it gave, whatever ended it, and that can be cut on purpose: `connect`, in the
// words of these pages.
import { connect, SseError } from './client/client.js'
import { hasNetwork, onNetworkGone, pause } from './network.js'
import { Refusal, refusalIn } from './refusal.js'

/** Milliseconds between two signs of life, until the server says so itself: also for an answer to begin. */
const heartbeat = 8_000
/** Milliseconds before what cannot be resumed is asked again. */
const rest = 1_000

/** Statuses by which a server says that it has too much to do. */
const busy = [429, 503]

/**
 * @param {(cursor: string) => { path: string } & import('../src/client/connect.ts').ConnectOptions} asking what to ask for
 *   after that id
 * @param {object} on
 * @param {(message: { event: string, data: unknown, id: string }) => void} on.message `id` is where the stream stands
 * @param {(state: string, wait?: number) => void} on.state `connecting`, `resuming`, `offline`, `busy` (it is asked again in
 *   `wait` milliseconds), `cut`, or what it was stopped with
 * @param {(refusal?: Refusal) => void} on.end nothing more will come, because of that
 * @param {() => void} [on.open]
 * @param {() => void} [on.broken] it is asked again
 * @param {object} [options]
 * @param {(refusal: Refusal) => boolean} [options.isFinal] of those that may heal: there is no point in asking again
 * @param {number} [options.silence] milliseconds without an event after which the connection counts as dead, where that is
 *   sooner than its server would say something
 * @param {boolean} [options.isCut] it does not ask before it is resumed
 */
export function resumableSource(asking, on, { isFinal = isUnconfigured, silence, isCut = false } = {}) {
  let connection
  let cursor = ''
  let heard
  let timer

  async function open() {
    const { path, ...request } = asking(cursor)
    const onState = (state) => connection === own && follow(state)
    const own = connect(path, { heartbeat, ...request, lastEventId: cursor, onState })
    connection = own
    heard = new AbortController()
    onNetworkGone(renew, heard.signal)
    try {
      for await (const { event, data } of own) {
        if (connection !== own) return
        cursor = own.lastEventId
        watch()
        on.message({ event, data, id: cursor })
      }
      if (connection !== own) return
      // Cut before its first id, what was posted looks in Chromium as if it had ended there.
      if (request.method === 'POST' && !cursor) throw new SseError('connection-lost', 'Cannot read: it has no id yet')
      end()
    } catch (error) {
      if (connection !== own) return
      if (!(error instanceof SseError)) throw error
      if (error.code !== 'connection-lost') return end(refusalIn(error) ?? unreadable(error))
      on.broken?.()
      sayWaiting()
      await pause(rest, heard.signal)
      if (connection === own) renew()
    }
  }

  function follow({ phase, retryAt, error }) {
    clearTimeout(timer)
    if (phase === 'closed') return
    if (phase === 'live') {
      watch()
      return on.open?.()
    }
    const refusal = refusalIn(error)
    if (refusal && isFinal(refusal)) return end(refusal)
    if (retryAt) on.broken?.()
    sayWaiting(busy.includes(refusal?.status) ? retryAt - Date.now() : 0)
  }

  function sayWaiting(wait = 0) {
    if (!hasNetwork()) on.state('offline')
    else if (wait > 0) on.state('busy', wait)
    else on.state(cursor ? 'resuming' : 'connecting')
  }

  function watch() {
    clearTimeout(timer)
    if (silence) timer = setTimeout(dead, silence)
  }

  function dead() {
    on.broken?.()
    renew()
  }

  function end(refusal) {
    close()
    on.end(refusal)
  }

  function close() {
    clearTimeout(timer)
    heard?.abort()
    connection?.close()
    connection = undefined
  }

  /** Connects anew, unless it is cut: for whoever has a reason to think that this connection is dead. */
  function renew() {
    if (!connection) return
    close()
    open()
  }

  function stop(state) {
    close()
    on.state(state)
  }

  if (!isCut) open()
  return {
    /** Where the stream stands; empty before the first id. */
    get cursor() {
      return cursor
    },
    /** Cuts the connection, as a tunnel or a closed lid would. */
    cut: () => stop('cut'),
    /** Connects again after the last id seen. */
    resume() {
      if (!connection) open()
    },
    renew,
    /** Closes until it is resumed, for a reason that is its state. */
    stop,
    /** Closes without a word: the page has gone elsewhere. */
    close,
  }
}

/** Nobody is let in by waiting. */
const isUnconfigured = ({ slug }) => slug === 'access-not-configured'

const unreadable = ({ message }) => new Refusal({ reason: message, status: 0 })
