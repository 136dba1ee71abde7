// What the browser believes about the network. It decides the words, and when to try at once; it never forbids to try:
// without any network a server on this same machine still answers.

/** The longest wait between two attempts, in milliseconds. */
const longest = 30_000

/** False when the browser is sure that there is no network. */
export const hasNetwork = () => navigator.onLine

/**
 * Calls back when the network goes, which takes connections along without a word; and when a page that the browser had put
 * to sleep is shown again.
 * @param {() => void} gone
 * @param {AbortSignal} signal ends it
 */
export function onNetworkGone(gone, signal) {
  addEventListener('offline', gone, { signal })
  addEventListener('pageshow', (event) => event.persisted && gone(), { signal })
}

/**
 * How long to wait before the next attempt, in milliseconds: longer each time, and never the same for all.
 * @param {number} attempts made so far
 * @param {number} [least] what the server asks for
 */
export const backoff = (attempts, least = 0) =>
  Math.max(Math.min(longest, 1000 * 2 ** attempts) * (0.5 + Math.random() / 2), least * (1 + Math.random() / 4))

/**
 * Waits before the next attempt, and not at all once the network is back.
 * @param {number} wait in milliseconds
 * @param {AbortSignal} signal ends the wait
 */
export function pause(wait, signal) {
  return new Promise((resolve) => {
    const over = new AbortController()
    const end = () => {
      clearTimeout(timer)
      over.abort()
      resolve()
    }
    const timer = setTimeout(end, wait)
    addEventListener('online', end, { signal: over.signal })
    signal.addEventListener('abort', end, { signal: over.signal })
    if (signal.aborted) end()
  })
}
