/** One run of a producer, as the log keeps it, and how it may end. */
import type { SseError, SseErrorCode } from '../errors.ts'
import { slugOf } from '../problem.ts'
import type { TextMessage } from './frame.ts'
import type { RunState } from './room.ts'

/** What a run is started with. */
export interface RunTerms {
  producer: string
  subject: string
  key?: { name: string; hash: string } | undefined
  whenEmpty: 'continue' | 'cancel'
  then: 'close' | 'keep'
  /** False where the room must be there. */
  create?: boolean | undefined
}

/** A row of the log. */
export interface Run {
  readonly id: string
  readonly producer: string
  readonly subject: string
  readonly key: string | null
  /** Digest of the producer's name and its input. */
  readonly hash: string | null
  readonly state: RunState
  readonly whenEmpty: RunTerms['whenEmpty']
  readonly then: RunTerms['then']
  /** When its state changed last, in milliseconds since 1970. */
  readonly at: number
}

/** How a run ends that does not end by itself. `timeout`: it took too long; `lost`: its process has gone. */
export type Ending = 'failed' | 'timeout' | 'lost' | 'stopped'

/** What its readers are told of it, where its error is not for everybody. */
export const ENDINGS: Record<Ending, { state: RunState; code: SseErrorCode; message: string }> = {
  failed: { state: 'failed', code: 'producer-failed', message: 'The work failed' },
  timeout: { state: 'failed', code: 'producer-timeout', message: 'The work took too long and was given up' },
  lost: { state: 'failed', code: 'producer-lost', message: 'The work broke off, and is not started again' },
  stopped: { state: 'stopped', code: 'producer-stopped', message: 'The work was stopped' },
}

/** The last message of a run that did not end by itself: of one that failed, with what `cause` says to everyone. */
export const lastWord = (run: string, ending: Ending, cause?: unknown): TextMessage => {
  const { code, message } = ENDINGS[ending]
  const told = ending === 'failed' && slugOf(cause) !== 'internal-error' ? (cause as SseError) : { code, message }
  const data = {
    code: told.code,
    run,
    message: told.message,
    ...('retryAfter' in told && { retryAfter: told.retryAfter }),
  }
  return { event: 'stream.error', data: JSON.stringify(data) }
}
