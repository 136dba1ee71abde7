/** The wait between two attempts. */

/**
 * Waits before the next attempt; no longer than until the signal aborts or, where that `wakes`, a browser's network is back.
 * https://html.spec.whatwg.org/multipage/system-state.html#event-online
 */
export const pause = (milliseconds: number, signal: AbortSignal, wakes: boolean): Promise<void> =>
  new Promise((resolve) => {
    // Workers' types know of no such event, and Node has none.
    const page = globalThis as Partial<EventTarget>
    const end = (): void => {
      resolve()
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      page.removeEventListener?.('online', end)
    }
    const timer = setTimeout(end, milliseconds)
    signal.addEventListener('abort', end)
    if (wakes) page.addEventListener?.('online', end)
    if (signal.aborted) end()
  })

/** Whether a browser knows that it has no network. A page of this machine may be reached all the same. */
export const isOffline = (): boolean => (globalThis as { navigator?: { onLine?: boolean } }).navigator?.onLine === false
