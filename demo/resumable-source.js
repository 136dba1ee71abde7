// A native EventSource that can be cut on purpose, and comes back after the last id it saw.
// https://html.spec.whatwg.org/multipage/server-sent-events.html

/** The longest wait between our own attempts, in milliseconds. EventSource has its own, shorter one. */
const longestWait = 30_000

/**
 * @param {string} path
 * @param {object} options
 * @param {Record<string, string>} [options.query] what to ask for while there is no id to resume from
 * @param {Record<string, (event: MessageEvent) => void>} options.on what to do with each named event
 * @param {(state: 'connecting' | 'resuming' | 'cut' | 'ended') => void} options.onState
 * @param {() => void} [options.onOpen]
 * @param {() => Promise<string | undefined>} [options.whyRefused] says why there is no point in asking again
 */
export function resumableSource(
  path,
  { query = {}, on, onState, onOpen = () => {}, whyRefused = async () => undefined },
) {
  let source
  let cursor = ''
  let attempts = 0
  let timer

  function open() {
    onState(cursor ? 'resuming' : 'connecting')
    const url = new URL(path, location.href)
    // Inside one EventSource the browser sends Last-Event-ID itself, and the server prefers that header.
    url.search = new URLSearchParams(cursor ? { lastEventId: cursor } : query).toString()
    const opened = new EventSource(url)
    source = opened

    opened.onopen = () => {
      attempts = 0
      onOpen()
    }
    opened.addEventListener('error', (event) => {
      // An event that a server named `error` arrives here too: it carries data, and says nothing of the connection.
      if (event instanceof MessageEvent || source !== opened) return
      if (opened.readyState === EventSource.CLOSED) return askAgainLater(opened)
      onState(cursor ? 'resuming' : 'connecting')
    })
    for (const [name, listener] of Object.entries(on)) {
      opened.addEventListener(name, (event) => {
        // EventSource has errors of its own under the name `error`; only events of the stream carry data.
        if (!(event instanceof MessageEvent)) return
        // Presence has no id of its own, yet `lastEventId` is where the stream stands, whoever moved it there.
        if (event.lastEventId) cursor = event.lastEventId
        listener(event)
      })
    }
  }

  /** EventSource gives up for good on any answer but 200, so from here on the asking is ours. */
  async function askAgainLater(refused) {
    onState('resuming')
    const reason = await whyRefused().catch(() => undefined)
    if (source !== refused) return
    if (reason) return end()
    const wait = Math.min(longestWait, 1000 * 2 ** attempts++)
    timer = setTimeout(open, wait * (0.5 + Math.random() / 2))
  }

  function close() {
    clearTimeout(timer)
    source?.close()
    source = undefined
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
      if (!source) open()
    },
    /** Closes for good, because the server said that nothing more will come. */
    end,
    /** Closes without a word: the page has gone elsewhere. */
    close,
  }
}
