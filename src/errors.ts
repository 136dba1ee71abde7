/**
 * What went wrong, as a code that callers can switch on. Over HTTP the same code is the slug of the problem
 * (`problem.ts`), so one list names every refusal.
 */
export type SseErrorCode =
  | 'access-not-configured'
  | 'already-open'
  | 'buffer-limit'
  | 'cannot-encode'
  | 'cannot-open'
  | 'connection-lost'
  | 'file-changed'
  | 'forbidden'
  | 'id-not-accepted'
  | 'idempotency-conflict'
  | 'internal-error'
  | 'invalid-event-name'
  | 'invalid-idempotency-key'
  | 'invalid-json'
  | 'invalid-last-event-id'
  | 'invalid-message'
  | 'invalid-option'
  | 'invalid-parameter'
  | 'invalid-room'
  | 'invalid-ticket'
  | 'invalid-utf8'
  | 'keys-unavailable'
  | 'malformed-request'
  | 'method-not-allowed'
  | 'misdirected-host'
  | 'needs-room-object'
  | 'not-acceptable'
  | 'not-an-event-stream'
  | 'not-as-expected'
  | 'not-found'
  | 'not-returned-yet'
  | 'origin-not-allowed'
  | 'overloaded'
  | 'payload-too-large'
  | 'precondition-failed'
  | 'producer-failed'
  | 'producer-lost'
  | 'producer-stopped'
  | 'producer-timeout'
  | 'range-not-satisfiable'
  | 'rate-limited'
  | 'refused'
  | 'request-timeout'
  | 'reserved-event-name'
  | 'room-closed'
  | 'room-not-found'
  | 'shutting-down'
  | 'storage-unavailable'
  | 'token-in-url'
  | 'too-many-connections'
  | 'unauthorized'
  | 'unknown-producer'
  | 'unknown-provider'
  | 'unsupported-encoding'
  | 'unsupported-media-type'
  | 'upstream-busy'
  | 'upstream-failed'
  | 'upstream-incomplete'
  | 'upstream-malformed'
  | 'upstream-refused'
  | 'upstream-rejected'
  | 'upstream-reset'
  | 'upstream-timeout'
  | 'upstream-too-large'

export interface SseErrorOptions {
  field?: string | undefined
  cause?: unknown
  /** Seconds. */
  retryAfter?: number | undefined
  status?: number | undefined
}

/** Every error edge-sse throws on purpose. `message` says the action, a colon, and the state. */
export class SseError extends Error {
  /** Stable: switch on this, not on the text. */
  readonly code: SseErrorCode
  /** The field of the message or request that is at fault, where it is one. */
  readonly field: string | undefined
  /** Whole seconds, at least 1, after which it is worth trying again, where that is known. */
  readonly retryAfter: number | undefined
  /** Status over HTTP, where it is another than that of its code. */
  readonly status: number | undefined

  constructor(code: SseErrorCode, message: string, options: SseErrorOptions = {}) {
    super(message, options)
    this.name = 'SseError'
    this.code = code
    this.field = options.field
    this.retryAfter = options.retryAfter === undefined ? undefined : Math.max(1, Math.ceil(options.retryAfter))
    this.status = options.status
  }
}

/** Characters that are told of an error and where it was, and of each cause: what a `fetch` failed of is the second. */
const TOLD = { error: 1_000, cause: 498, causes: 2 }
const NO_TEXT = 'something that has no text'

/** What caused an error, as text for a line of the log: whatever was thrown, where it was, why, and not too much of it. */
export function causeText(cause: unknown): string {
  let text: string
  try {
    text = String(cause instanceof Error ? (cause.stack ?? cause) : cause)
  } catch {
    text = NO_TEXT
  }
  return [text.slice(0, TOLD.error), ...causesOf(cause).map((why) => why.slice(0, TOLD.cause))].join(': ')
}

/** What an error was caused by, and that in turn: the whole text of each that is told. */
export function causesOf(error: unknown): string[] {
  const texts: string[] = []
  try {
    for (let it = error; it instanceof Error && it.cause !== undefined && texts.length < TOLD.causes; ) {
      it = it.cause
      // Of a host with several addresses that all refuse, Node says the code alone.
      texts.push(it instanceof Error && !it.message && 'code' in it ? `${it} ${it.code}` : String(it))
    }
  } catch {
    texts.push(NO_TEXT)
  }
  return texts
}

/** The same error with where it is in a list: what is not an `SseError` stays as it is. */
export function located(error: unknown, place: string): unknown {
  if (!(error instanceof SseError)) return error
  const { code, message, field, cause, retryAfter, status } = error
  const options = { field, retryAfter, status, ...(cause === undefined ? {} : { cause }) }
  return new SseError(code, `${message} (${place})`, options)
}
