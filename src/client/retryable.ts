/** A failure that may heal, with the milliseconds its server asks to be left alone for, or that it is its silence. */
import { SseError } from '../errors.ts'

export class Retryable {
  readonly error: unknown
  readonly after: number
  readonly isSilence: boolean

  constructor(error: unknown, after = 0, isSilence = false) {
    this.error = error
    this.after = after
    this.isSilence = isSilence
  }
}

/** What `ask` gives. Rejects with a `Retryable` where it fails, unless that is by an `SseError`. */
export async function orRetry<T>(ask: () => T | Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    throw error instanceof SseError ? error : new Retryable(error)
  }
}

/** Nothing more of it is read. What fails is of no interest then. */
export const leave = (read: { cancel(): Promise<void> } | null | undefined): void => void read?.cancel().catch(() => {})
