/** A condition that will hold, of what tells nobody when it does. */
import { ExpectationError, Patience, turn, type WaitOptions } from './expectation.ts'

/**
 * Asks again until `condition` gives something truthy, and gives that. While it gives none, or throws, the event loop
 * turns. Throws an `ExpectationError` once that took too long, with what it threw last as its `cause`.
 *
 * @example
 * ```ts
 * import { eventually } from 'edge-sse/testing'
 * let open = 1
 * setTimeout(() => open--, 20)
 * await eventually(() => open === 0)
 * ```
 */
export async function eventually<Value>(
  condition: () => Value | Promise<Value>,
  options: WaitOptions = {},
): Promise<Value> {
  let cause: unknown
  const patience = new Patience(options, (milliseconds) => {
    return new ExpectationError(`Cannot go on: what is waited for did not hold in ${milliseconds / 1000} s`, { cause })
  })
  try {
    for (;;) {
      const asked = await patience.wait(ask(condition))
      if (asked.value) return asked.value
      cause = asked.cause
      await patience.wait(turn())
    }
  } finally {
    patience.end()
  }
}

async function ask<Value>(condition: () => Value | Promise<Value>): Promise<{ value?: Value; cause?: unknown }> {
  try {
    return { value: await condition() }
  } catch (cause) {
    return { cause }
  }
}
