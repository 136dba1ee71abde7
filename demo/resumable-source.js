// A native EventSource that comes back after the last id it saw, whatever ended it, and that can be cut on purpose.
// https://html.spec.whatwg.org/multipage/server-sent-events.html
import { hasNetwork, onNetwork, pause } from './network.js'

/** How long an answer may take to begin, in milliseconds: a dead network can swallow a request without a word. */
const patience = 20_000

/**
 * @param {string} path
 * @param {object} options
 * @param {Record<string, string>} [options.query] what to ask for while there is no id to resume from
 * @param {Record<string, (event: MessageEvent) => void>} options.on what to do with each named event
 * @param {(state: 'connecting' | 'resuming' | 'offline' | 'cut' | 'ended') => void} options.onState
 * @param {() => void} [options.onOpen]
 * @param {() => Promise<string | undefined>} [options.whyRefused] says why there is no point in asking again
 * @param {number} [options.silence] milliseconds without an event after which the connection counts as dead
 */
export function resumableSource(
  path,
  { query = {}, on, onState, onOpen = () => {}, whyRefused = async () => undefined, silence },
) {
  let connection
  let cursor = ''
  let attempts = 0

  function open() {
    const own = new AbortController()
    const { signal } = own
    const url = new URL(path, location.href)
    // Inside one EventSource the browser sends Last-Event-ID itself, and the server prefers that header.
    url.search = new URLSearchParams(cursor ? { lastEventId: cursor } : query).toString()
    const source = new EventSource(url)
    signal.addEventListener('abort', () => source.close())
    connection = own
    sayWaiting()

    const within = deadline(signal)
    within(patience)
    source.onopen = () => {
      attempts = 0
      within(silence)
      onOpen()
    }
    source.addEventListener('error', (event) => {
      // An event that a server named `error` arrives here too: it carries data, and says nothing of the connection.
      if (event instanceof MessageEvent || signal.aborted) return
      // EventSource gives up for good on any answer but 200. Without a network it would go on asking every other
      // second, each time in vain. From here on the asking is ours.
      const hasEnded = source.readyState === EventSource.CLOSED || !hasNetwork()
      within(hasEnded ? undefined : patience)
      if (hasEnded) return askAgainLater(source, signal)
      sayWaiting()
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
    onNetwork(() => {
      // A network that goes takes the connection along without a word; one that comes leaves alone what works.
      if (!hasNetwork() || source.readyState !== EventSource.OPEN) renew()
    }, signal)
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

  async function askAgainLater(source, signal) {
    source.close()
    sayWaiting()
    const reason = hasNetwork() ? await whyRefused().catch(() => undefined) : undefined
    if (signal.aborted) return
    if (reason) return end()
    await pause(attempts++, signal)
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

  function end() {
    close()
    onState('ended')
  }

  open()
  return {
    /** The id of the last event seen; empty before the first. */
    get cursor() {
      return cursor
    },
    /** Cuts the connection, as a tunnel or a closed lid would. */
    cut() {
      close()
      onState('cut')
    },
    /** Connects again after the last id seen. */
    resume() {
      if (!connection) open()
    },
    renew,
    /** Closes for good, because the server said that nothing more will come. */
    end,
    /** Closes without a word: the page has gone elsewhere. */
    close,
  }
}
