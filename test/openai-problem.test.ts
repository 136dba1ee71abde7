import { expect, it } from 'vitest'
import { openaiProblem } from '../src/app/openai-problem.ts'
import { SseError, type SseErrorCode } from '../src/errors.ts'
import { problemResponse } from '../src/problem.ts'

it.each<[SseErrorCode, Record<string, string>, string | null]>([
  ['upstream-busy', { 'idempotency-key': 'a' }, 'false'],
  ['producer-stopped', { 'idempotency-key': 'a' }, 'false'],
  ['producer-lost', { 'idempotency-key': 'a' }, 'false'],
  ['producer-lost', {}, null],
  ['rate-limited', { 'idempotency-key': 'a' }, null],
])(
  'tells clients of OpenAI not to ask again where the answer stays the same: %s with %j',
  async (code, headers, told) => {
    const request = new Request('http://localhost/v1/chat/completions', { method: 'POST', headers })
    const response = await openaiProblem(request, problemResponse(new SseError(code, 'Cannot answer: no')))
    expect(response.headers.get('x-should-retry')).toBe(told)
    expect(await response.json()).toMatchObject({ error: { code, message: 'Cannot answer: no' } })
  },
)
