/** What tabs that share tell each other, as it can be cloned. */
import { SseError, type SseErrorCode } from '../errors.ts'
import type { ConnectionState } from './connection-state.ts'
import type { Heard } from './inbox.ts'

/** What one tab tells all others. What is changed here counts `WORDS_VERSION` (`tabs.ts`) on. */
export interface Word {
  /** Is somebody there? From a tab that is new, is looked at again, or has heard nothing for a while. */
  hello?: true
  /** From who leads: how it is doing, and where it is. */
  state?: ConnectionState
  cursor?: string
  heard?: Heard
  ended?: Ended
  /** Where is everybody? From who is about to lead; `here` is the answer. */
  who?: true
  here?: string
}

/** There is no more; with a code, because of an error. */
export interface Ended {
  code?: SseErrorCode
  message?: string
  status?: number | undefined
  retryAfter?: number | undefined
}

/** How who leads is doing. */
export const doing = ({ error, ...state }: ConnectionState, cursor: string): Word => ({
  state: { ...state, error: error && String(error) },
  cursor,
})

/** Whatever is thrown has a code in the other tabs. */
export function endedBy(error: unknown): Ended {
  const { code, message, status, retryAfter } =
    error instanceof SseError ? error : new SseError('connection-lost', 'Cannot read: its request failed')
  return { code, message, status, retryAfter }
}

/** The error again, where there was one. */
export const endingOf = ({ code, message, ...more }: Ended): { error?: unknown } =>
  code ? { error: new SseError(code, message as string, more) } : {}
