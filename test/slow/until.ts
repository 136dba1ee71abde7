/** Waits for a condition that no event announces. */
import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves once `condition` holds; throws after `patience` milliseconds, with `what` or what that makes of the state. */
export async function until(
  what: string | (() => string),
  condition: () => boolean,
  patience: number = 30_000,
): Promise<void> {
  const deadline = performance.now() + patience
  while (!condition()) {
    if (performance.now() > deadline)
      throw new Error(`Cannot wait any longer for ${typeof what === 'string' ? what : what()}`)
    await sleep(10)
  }
}
