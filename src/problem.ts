/** What an HTTP client is told when it is refused: https://www.rfc-editor.org/rfc/rfc9457 */
import { causeText, SseError, type SseErrorCode } from './errors.ts'
import { PROBLEMS } from './problems.ts'

/** What the log is told of a problem: its slug and, where it is ours to mend, what caused it. */
interface LoggedProblem {
  slug: SseErrorCode
  /** Which limit was reached. */
  limit?: string
  /** What is wrong with a token, or with the configuration: not for who asks. */
  reason?: string
  cause?: string
}

/** Refusals whose `field` names a limit. */
const LIMITS: SseErrorCode[] = ['overloaded', 'rate-limited', 'too-many-connections']

/** What is told of a refusal whose own text is for the operator. */
const DETAILS: Partial<Record<SseErrorCode, string>> = {
  'access-not-configured': 'Cannot authorize: who may use this is not configured, the log says why',
}

const logged = new WeakMap<Response, LoggedProblem>()

/**
 * An error as a problem response. An `SseError` that a caller can do something about becomes its problem; anything else
 * is a neutral 500, its text stays on the server.
 */
export function problemResponse(error: unknown, headers: Record<string, string> = {}): Response {
  const code = slugOf(error)
  if (code === 'internal-error') console.error(error)
  const { status: usual, title, help, headers: own } = PROBLEMS[code] ?? PROBLEMS['internal-error']
  const { retryAfter: after, status = usual } = error instanceof SseError ? error : {}
  const detail = DETAILS[code] ?? (code === 'internal-error' ? undefined : (error as SseError).message)
  const response = new Response(`${JSON.stringify({ type: `/problems/${code}`, title, status, detail, help })}\n`, {
    status,
    headers: {
      'cache-control': 'no-store',
      ...own,
      ...(after && { 'retry-after': String(after) }),
      ...headers,
      'content-type': 'application/problem+json',
    },
  })
  return answering(response, error)
}

/** What a problem is called. */
export const slugOf = (error: unknown): SseErrorCode =>
  error instanceof SseError && PROBLEMS[error.code] ? error.code : 'internal-error'

/** Its status over HTTP. */
export const statusOf = (error: unknown): number =>
  (error as SseError).status ?? PROBLEMS[slugOf(error)]?.status ?? PROBLEMS['internal-error'].status

/** True for a refusal that another time may not be one: too much is asked for, or something is away. */
export function mayHeal(error: unknown): boolean {
  const slug = slugOf(error)
  // What an operator has to set is not set by itself.
  return slug !== 'access-not-configured' && [429, 503].includes(PROBLEMS[slug]?.status ?? 500)
}

/** Remembers for the log what a response answers, whatever it looks like. */
export function answering(response: Response, error: unknown): Response {
  const slug = slugOf(error)
  const { cause, field } = error instanceof SseError ? error : {}
  const ours = (PROBLEMS[slug]?.status ?? 500) >= 500
  logged.set(response, {
    slug,
    ...(field !== undefined && LIMITS.includes(slug) && { limit: field }),
    ...(field !== undefined && slug === 'unauthorized' && { reason: field }),
    ...(slug === 'access-not-configured' && { reason: (error as SseError).message }),
    ...(ours && cause !== undefined && { cause: causeText(cause) }),
  })
  return response
}

/** What to log of a response that refuses something. */
export const loggedProblem = (response: Response): LoggedProblem | undefined => logged.get(response)
