import { describe, expect, it } from 'vitest'
import { located, SseError } from '../src/errors.ts'
import { problemResponse } from '../src/problem.ts'
import { PROBLEMS } from '../src/problems.ts'
import { outcome, refusal, refused, unwrap } from '../src/rooms/durable-outcome.ts'

describe('problemResponse', () => {
  const after = (error: SseError): string | null => problemResponse(error).headers.get('retry-after')

  it('says when to try again: what the error knows, in whole seconds from 1, else what is usual', () => {
    expect(after(new SseError('rate-limited', 'x', { retryAfter: 7 }))).toBe('7')
    expect(after(new SseError('rate-limited', 'x', { retryAfter: 1.2 }))).toBe('2')
    expect(after(new SseError('storage-unavailable', 'x', { retryAfter: 0 }))).toBe('1')
    expect(after(new SseError('rate-limited', 'x'))).toBe('1')
    expect(after(new SseError('too-many-connections', 'x'))).toBe('5')
    expect(after(new SseError('not-found', 'x'))).toBeNull()
  })
})

describe('help', () => {
  it.each(['idempotency-conflict', 'invalid-json', 'invalid-parameter'] as const)(
    'with what many routes answer is about all of them, and names no field of one: %s',
    (code) => {
      const { title, help } = PROBLEMS[code] ?? {}
      expect(`${title}: ${help}`).not.toMatch(/["`{]|message/)
    },
  )
})

describe('an SseError', () => {
  it('keeps all that it says where it is located in a list, and from an object to its Worker', async () => {
    const error = new SseError('rate-limited', 'Cannot publish: no', { field: 'publishes', retryAfter: 3 })
    const { code, field, retryAfter } = error
    expect(located(error, 'message 2')).toMatchObject({ code, field, retryAfter })
    const travelled = structuredClone(await outcome(() => Promise.reject(error)))
    const thrown = await (async () => unwrap(travelled))().catch((it: unknown) => it)
    for (const arrived of [await refused(refusal(error)), thrown]) {
      expect(arrived).toBeInstanceOf(SseError)
      expect(arrived).toMatchObject({ code, message: error.message, field, retryAfter })
    }
  })

  it('is what an answer without one is not', async () => {
    expect(await refused(new Response('gone', { status: 500 }))).not.toBeInstanceOf(SseError)
    expect(() => refusal(new Error('boom'))).toThrow('boom')
  })
})
