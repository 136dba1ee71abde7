/** A failure that may heal. */
import { SseError } from '../errors.ts'

export class Retryable {
  readonly error: unknown

  constructor(error: unknown) {
    this.error = error
  }
}

/** What `ask` gives. Rejects with a `Retryable` where it fails, unless that is by an `SseError` without `retryAfter`. */
export async function orRetry<T>(ask: () => T | Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    throw error instanceof SseError && !error.retryAfter ? error : new Retryable(error)
  }
}

/** Nothing more of it is read. What fails is of no interest then. */
export const leave = (read: { cancel(): Promise<void> } | null | undefined): void => void read?.cancel().catch(() => {})
