/**
 * Lets a process end although this timer is set. Node's and Bun's timers can do that, elsewhere they are numbers.
 * https://nodejs.org/api/timers.html#timeoutunref
 */
export const inBackground = (timer: unknown): void => (timer as { unref?(): void } | undefined)?.unref?.()
