/**
 * Waits before the next attempt; no longer than until the signal aborts, or a browser's network is back.
 * https://html.spec.whatwg.org/multipage/system-state.html#event-online
 */
export const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    // Workers' types know of no such event, and Node has none.
    const page = globalThis as Partial<EventTarget>
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      page.removeEventListener?.('online', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener('abort', done)
    page.addEventListener?.('online', done)
    if (signal.aborted) done()
  })

/** Whether a browser knows that it has no network. A page of this machine may be reached all the same. */
export const isOffline = (): boolean => (globalThis as { navigator?: { onLine?: boolean } }).navigator?.onLine === false
