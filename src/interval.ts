/** A clock as a source: https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html#dom-setinterval */

/**
 * Yields the time now, and then again every `milliseconds`, until `signal` aborts; then it ends, without an error.
 * Ticks are not saved up: a consumer that takes longer than one interval gets its next tick one interval later.
 */
export async function* interval(milliseconds: number, signal: AbortSignal): AsyncGenerator<Date, void, undefined> {
  while (!signal.aborted) {
    yield new Date()
    await sleep(milliseconds, signal)
  }
}

/** Resolves after `milliseconds`, or at once when `signal` aborts. It never rejects. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal?.addEventListener('abort', done)
  })
}
