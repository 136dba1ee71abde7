/** A refusal as clients of chat completions read it: https://platform.openai.com/docs/guides/error-codes */
import { loggedProblem } from '../problem.ts'
import { openaiError } from '../relay/openai-error.ts'

/** The same problem with an `error` besides; anything else as it is. */
export async function openaiProblem(request: Request, response: Response): Promise<Response> {
  const problem = loggedProblem(response)
  if (!problem || response.headers.get('content-type') !== 'application/problem+json') return response
  const { slug } = problem
  const told = (await response.json()) as { title: string; detail?: string }
  const error = openaiError(slug, told.detail ?? told.title, response.status)
  const { status, headers } = response
  // Under a key it was asked once, and failed: asked again it is the same answer. What was stopped shall not be begun again.
  const isSame = /^(upstream|producer)-/.test(slug) && request.headers.has('idempotency-key')
  if (isSame || slug === 'producer-stopped') headers.set('x-should-retry', 'false')
  return new Response(`${JSON.stringify({ ...told, ...error })}\n`, { status, headers })
}
