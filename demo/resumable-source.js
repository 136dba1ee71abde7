// A native EventSource that comes back after the last id it saw, whatever ended it, and that can be cut on purpose.
// https://html.spec.whatwg.org/multipage/server-sent-events.html
import { backoff, hasNetwork, onNetwork, pause } from './network.js'
import { least } from './verdict.js'

/** How long an answer may take to begin, in milliseconds: a dead network can swallow a request without a word. */
const patience = 20_000

/** @typedef {{ query?: Record<string, string>, stop?: string, wait?: number }} Verdict as `verdict.js` gives it */

/**
 * @param {string} path may have a query, which is asked each time
 * @param {object} options
 * @param {Record<string, string>} [options.query] what to ask for while there is no id to resume from
 * @param {Record<string, (event: MessageEvent) => void>} options.on what to do with each named event
 * @param {(state: string, wait?: number) => void} options.onState `connecting`, `resuming`, `offline`, `cut`, `busy` (it is
 *   asked again in `wait` milliseconds), or why it is not asked any more: `ended`, or as `whyRefused` says
 * @param {() => void} [options.onOpen]
 * @param {(signal: AbortSignal) => Promise<Verdict> | undefined} [options.admit] asked before each attempt: what has to be
 *   in its query besides; undefined where nothing has to
 * @param {() => Promise<Verdict | undefined>} [options.whyRefused] says whether there is a point in asking again
 * @param {number} [options.silence] milliseconds without an event after which the connection counts as dead
 */
export function resumableSource(
  path,
  { query = {}, on, onState, onOpen = () => {}, admit = () => {}, whyRefused = async () => {}, silence },
) {
  let connection
  let cursor = ''
  let attempts = 0

  function open() {
    const own = new AbortController()
    const { signal } = own
    connection = own
    sayWaiting()
    const within = deadline(signal)
    within(patience)
    let source
    onNetwork(() => {
      // A network that goes takes the connection along without a word; one that comes leaves alone what works.
      if (!hasNetwork() || source?.readyState !== EventSource.OPEN) renew()
    }, signal)
    const asked = admit(signal)
    if (!asked) source = listen({}, signal, within)
    else
      asked
        .catch(() => undefined)
        .then((verdict) => {
          if (signal.aborted) return
          if (verdict?.query) source = listen(verdict.query, signal, within)
          else obey(verdict, signal, within)
        })
  }

  /** @param {Record<string, string>} admission holds for this one attempt */
  function listen(admission, signal, within) {
    const isOnce = Object.keys(admission).length > 0
    const url = new URL(path, location.href)
    // Inside one EventSource the browser sends Last-Event-ID itself, and the server prefers that header.
    const parameters = { ...admission, ...(cursor ? { lastEventId: cursor } : query) }
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
    const source = new EventSource(url)
    signal.addEventListener('abort', () => source.close())
    const attemptsBefore = attempts
    source.onopen = () => {
      attempts = 0
      within(silence)
      onOpen()
    }
    source.addEventListener('error', (event) => {
      // An event that a server named `error` arrives here too: it carries data, and says nothing of the connection.
      if (event instanceof MessageEvent || signal.aborted) return
      // EventSource gives up for good on any answer but 200. Without a network it would go on asking every other
      // second, and with what was good for one attempt, each time in vain. From here on the asking is ours.
      const isRefused = source.readyState === EventSource.CLOSED
      const hasEnded = isRefused || isOnce || !hasNetwork()
      within(hasEnded ? undefined : patience)
      sayWaiting()
      if (!hasEnded) return
      source.close()
      askAgainLater(isRefused || !isOnce, signal, within)
    })
    source.addEventListener('stream.busy', () => {
      source.close()
      attempts = attemptsBefore
      obey({ wait: least }, signal, within)
    })
    for (const [name, listener] of Object.entries(on)) {
      source.addEventListener(name, (event) => {
        // EventSource has errors of its own under the name `error`; only events of the stream carry data.
        if (!(event instanceof MessageEvent)) return
        within(silence)
        // Presence has no id of its own, yet `lastEventId` is where the stream stands, whoever moved it there.
        if (event.lastEventId) cursor = event.lastEventId
        listener(event)
      })
    }
    return source
  }

  function sayWaiting() {
    if (!hasNetwork()) onState('offline')
    else onState(cursor ? 'resuming' : 'connecting')
  }

  /** Gives the function that sets when something has to be heard; connects anew when nothing was. */
  function deadline(signal) {
    let timer
    signal.addEventListener('abort', () => clearTimeout(timer))
    return (milliseconds) => {
      clearTimeout(timer)
      if (milliseconds && !signal.aborted) timer = setTimeout(renew, milliseconds)
    }
  }

  async function askAgainLater(mayBeRefused, signal, within) {
    const verdict = mayBeRefused && hasNetwork() ? await whyRefused().catch(() => undefined) : undefined
    if (!signal.aborted) obey(verdict, signal, within)
  }

  async function obey(verdict, signal, within) {
    within(undefined)
    if (verdict?.stop) return stop(verdict.stop)
    const wait = backoff(attempts++, verdict?.wait)
    if (verdict?.wait && hasNetwork()) onState('busy', wait)
    else sayWaiting()
    await pause(wait, signal)
    if (!signal.aborted) renew()
  }

  function close() {
    connection?.abort()
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
    onState(state)
  }

  open()
  return {
    /** The id of the last event seen; empty before the first. */
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
    /** Closes until it is resumed, for a reason that is its state: `ended` when the server said that nothing more will come. */
    stop,
    /** Closes without a word: the page has gone elsewhere. */
    close,
  }
}
