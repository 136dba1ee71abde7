/** What a call to an object comes back with: errors lose their class on the way, so they travel as values. */
import { causeText, SseError, type SseErrorCode } from '../errors.ts'

export type Outcome<Value> = { value: Value } | { error: { code: SseErrorCode; message: string } }

/** At the object. What caused an error stays there, as one line of its log. */
export async function outcome<Value>(work: () => Promise<Value>): Promise<Outcome<Value>> {
  try {
    return { value: await work() }
  } catch (error) {
    if (!(error instanceof SseError)) throw error
    const { code, message, cause } = error
    if (cause !== undefined) logged(cause, code)
    return { error: { code, message } }
  }
}

/** What went wrong here, as one line of the log. */
export const logged = (cause: unknown, code: SseErrorCode = 'internal-error'): void =>
  console.error(JSON.stringify({ level: 'error', code, cause: causeText(cause) }))

/** At the Worker. */
export function unwrap<Value>(outcome: Outcome<Value>): Value {
  if ('value' in outcome) return outcome.value
  throw new SseError(outcome.error.code, outcome.error.message)
}
