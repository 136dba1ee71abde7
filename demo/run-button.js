// One run of something that streams: a button starts it, stops it and starts it again, and words say how it went.
import { stateIndicator } from './state-indicator.js'

/** What the button is called before a run, during one, and after one that was stopped, failed or came to its end. */
const usual = { idle: 'Start', running: 'Stop', stopped: 'Start again', failed: 'Try again', complete: 'Start again' }

/**
 * @param {object} parts
 * @param {HTMLButtonElement} parts.button
 * @param {HTMLElement} parts.state a `.state` element
 * @param {HTMLElement} parts.story an element with `role="status"`
 * @param {HTMLFormElement} [parts.form] Enter in it starts anew, with what was typed
 * @param {Partial<typeof usual>} [parts.names]
 * @param {string} [parts.stopped] what is told when it is stopped
 * @param {(run: { signal: AbortSignal, arriving: () => void }) => Promise<string>} work resolves with what to tell of it,
 *   rejects with an error whose message can be shown; says `arriving` when something comes
 */
export function runButton(
  { button, state, story, form, names = {}, stopped = 'Stopped. The server hears it, and writes no more.' },
  work,
) {
  const called = { ...usual, ...names }
  const showState = stateIndicator(state)
  let running
  let last = Promise.resolve()

  function over(name, mood, text) {
    running = undefined
    button.textContent = called[name]
    story.dataset.mood = mood
    story.textContent = text
  }

  async function begin(signal) {
    try {
      const text = await work({ signal, arriving: () => signal.aborted || showState('live', 'Arriving') })
      if (signal.aborted) return
      showState('ended', 'Complete')
      over('complete', 'good', text)
    } catch (error) {
      if (signal.aborted) return
      showState('failed', 'Failed')
      over('failed', 'bad', error.message)
    }
  }

  function start() {
    running?.abort()
    running = new AbortController()
    const { signal } = running
    button.textContent = called.running
    story.dataset.mood = 'none'
    story.textContent = ''
    showState('connecting')
    // What was stopped says its last words before the next one begins.
    last = last.then(() => signal.aborted || begin(signal))
  }

  function stop() {
    if (!running) return
    running.abort()
    showState('cut', called.running === 'Stop' ? 'Stopped' : 'Cut')
    over('stopped', 'none', stopped)
  }

  button.textContent = called.idle
  button.addEventListener('click', () => (running ? stop() : start()))
  form?.addEventListener('submit', (event) => {
    event.preventDefault()
    start()
  })
  // A page that the browser puts to sleep and wakes again would go on with a connection that is gone.
  addEventListener('pagehide', stop)
  return { start, stop }
}
