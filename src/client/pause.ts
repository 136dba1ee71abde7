/** The wait between two attempts. */
import { unlessAborted } from './unless-aborted.ts'

/**
 * Waits before the next attempt; no longer than until the signal aborts or, where that `wakes`, a browser's network is back.
 * https://html.spec.whatwg.org/multipage/system-state.html#event-online
 */
export async function pause(milliseconds: number, signal: AbortSignal, wakes: boolean): Promise<void> {
  // Workers' types know of no such event, and Node has none.
  const page = globalThis as Partial<EventTarget>
  let resolve: (value?: unknown) => void = () => {}
  const over = new Promise((end) => {
    resolve = end
  })
  const timer = setTimeout(resolve, milliseconds)
  if (wakes) page.addEventListener?.('online', resolve)
  await unlessAborted(over, signal).catch(() => {}) // Whoever aborts asks no more: the caller looks for itself.
  clearTimeout(timer)
  page.removeEventListener?.('online', resolve)
}

/** Whether a browser knows that it has no network. A page of this machine may be reached all the same. */
export const isOffline = (): boolean => (globalThis as { navigator?: { onLine?: boolean } }).navigator?.onLine === false
