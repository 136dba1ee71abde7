import { afterEach, describe, expect, it, vi } from 'vitest'
import { SseError } from '../src/errors.ts'
import { loggedProblem, mayHeal } from '../src/problem.ts'
import { busy, refuse } from '../src/reconnect-later.ts'

const native = new Request('http://localhost/', { headers: { accept: 'text/event-stream' } })
const strict = new Request('http://localhost/', { headers: { accept: 'text/event-stream, application/problem+json' } })
const full = new SseError('too-many-connections', 'Cannot subscribe: full', { retryAfter: 5 })

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('busy', () => {
  it('is a whole event stream: when to come back, why, and the end, without an id', async () => {
    vi.useFakeTimers()
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
    const response = busy(native, full)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
    expect(await response.text()).toBe('retry: 10000\n\nevent: stream.busy\ndata: {"code":"too-many-connections"}\n\n')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('spreads those who come back over 5 to 15 s, and over later where that is known to be too soon', async () => {
    const retryOf = async (random: number, error: SseError): Promise<string> => {
      vi.spyOn(Math, 'random').mockReturnValue(random)
      return (await busy(native, error).text()).split('\n')[0] as string
    }
    expect([await retryOf(0, full), await retryOf(0.9999999, full)]).toEqual(['retry: 5000', 'retry: 15000'])
    expect(await retryOf(0, new SseError('rate-limited', 'x', { retryAfter: 60 }))).toBe('retry: 60000')
  })

  it('has no body for HEAD, and is known to the log with its cause', async () => {
    const error = new SseError('storage-unavailable', 'Cannot subscribe: away', { cause: 'the disk' })
    const response = busy(new Request(native, { method: 'HEAD' }), error)
    expect(response.body).toBeNull()
    expect(loggedProblem(response)).toEqual({ slug: 'storage-unavailable', cause: 'the disk' })
  })
})

describe('refuse', () => {
  it('gives a problem to who can read it, and where it does not heal', () => {
    const spent = new SseError('invalid-ticket', 'Cannot subscribe: spent')
    expect([refuse(native, full), refuse(strict, full), refuse(native, spent)].map(({ status }) => status)).toEqual([
      200, 429, 401,
    ])
  })

  it('knows what may heal', () => {
    const codes = ['rate-limited', 'too-many-connections', 'storage-unavailable', 'shutting-down'] as const
    for (const code of codes) expect(mayHeal(new SseError(code, 'x'))).toBe(true)
    for (const code of ['invalid-ticket', 'forbidden', 'room-not-found', 'internal-error', 'invalid-option'] as const)
      expect(mayHeal(new SseError(code, 'x'))).toBe(false)
    expect(mayHeal(new Error('boom'))).toBe(false)
  })
})
