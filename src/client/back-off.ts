/** How long a client waits before it dials again: exponential, with full jitter, between limits. */

/** Milliseconds: a `Retry-After` of years would overflow a timer, which then fires at once. */
export const LONGEST_WAIT = 86_400_000

/**
 * Milliseconds before the attempt that follows `failures` in a row (1, 2, …): between the least and a limit that doubles
 * with each. What the server asks for is the least, and the limit begins at twice as much, so that its readers do not
 * all come back together.
 */
export function backOff(failures: number, least: number, most: number, asked: number): number {
  // Twice nothing is nothing: who may come back at once would do so for ever.
  const from = Math.min(Math.max(least || 1, asked), LONGEST_WAIT)
  const limit = Math.min(Math.max(Math.min(from * 2 ** failures, most), asked * 1.5, from), LONGEST_WAIT)
  return Math.round(from + Math.random() * (limit - from))
}
