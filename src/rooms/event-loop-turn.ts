/** One turn of the event loop: what came in with the same turn has been handled when it resolves. */

/** Neither is in the standard library of types. */
const turns = globalThis as {
  /** https://developers.cloudflare.com/workers/runtime-apis/scheduler */
  scheduler?: { wait?: (milliseconds: number) => Promise<void> }
  /** https://nodejs.org/api/timers.html#setimmediatecallback-args, on Deno and Bun too */
  setImmediate?: (callback: () => void) => void
}

/**
 * By `scheduler.wait` (workerd) or `setImmediate` (Node, Deno, Bun). A message to oneself takes a turn more on Node, and
 * with it all that a fan-out waits for; a timer, for who has neither, at least a millisecond.
 */
export const eventLoopTurn = (): Promise<void> =>
  turns.scheduler?.wait?.(0) ??
  new Promise((resolve) => {
    if (turns.setImmediate) turns.setImmediate(resolve)
    else setTimeout(resolve)
  })
