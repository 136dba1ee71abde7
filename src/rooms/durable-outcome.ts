/** What a call to an object comes back with: errors lose their class on the way, so they travel as values. */
import { SseError, type SseErrorCode } from '../errors.ts'
import { logError } from '../log-line.ts'

interface Failure {
  code: SseErrorCode
  message: string
  field?: string | undefined
  retryAfter?: number | undefined
}

export type Outcome<Value> = { value: Value } | { error: Failure }

/** Status of a response that says why a reader is not let in. */
const REFUSED = 403

/** At the object. What caused an error stays there, as one line of its log. */
export async function outcome<Value>(work: () => Promise<Value>): Promise<Outcome<Value>> {
  try {
    return { value: await work() }
  } catch (error) {
    return { error: failure(error) }
  }
}

/** The same where the answer is a response. */
export const refusal = (error: unknown): Response => Response.json(failure(error), { status: REFUSED })

function failure(error: unknown): Failure {
  if (!(error instanceof SseError)) throw error
  const { code, message, field, retryAfter, cause } = error
  if (cause !== undefined) logged(cause, code)
  return { code, message, field, retryAfter }
}

/** What went wrong here, as one line of the log. */
export const logged = (cause: unknown, code: SseErrorCode = 'internal-error'): void => logError(code, cause)

/** At the Worker. */
export function unwrap<Value>(outcome: Outcome<Value>): Value {
  if ('value' in outcome) return outcome.value
  throw failed(outcome.error)
}

/** What a response says that is no socket. */
export async function refused(response: Response): Promise<Error> {
  if (response.status === REFUSED) return failed(await response.json())
  return new Error(`Cannot connect to room: its object answered ${response.status}`)
}

const failed = ({ code, message, ...options }: Failure): SseError => new SseError(code, message, options)
