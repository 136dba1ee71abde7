import { describe, expect, it } from 'vitest'
import { causeText, SseError } from '../src/errors.ts'

/** Without where it was. */
const withoutPlaces = (text: string): string => text.replaceAll(/\n {4}at .*?(?=\n|: |$)/g, '')
const caused = (cause: unknown): Error => {
  const error = new Error('x', { cause })
  error.stack = 'Error: x'
  return error
}

describe('causeText', () => {
  it('says what was thrown and where it was', () => {
    expect(causeText(new TypeError('x'))).toMatch(/^TypeError: x\n +at .*errors\.test/)
    expect([causeText('x'), causeText(undefined), causeText(7n)]).toEqual(['x', 'undefined', '7'])
  })

  it('says why, be it an error or a text, and why that', () => {
    expect(causeText(caused('It answered 401'))).toBe('Error: x: It answered 401')
    expect(causeText(caused(caused('refused')))).toBe('Error: x: Error: x: refused')
    expect(causeText(caused(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' })))).toBe(
      'Error: x: AggregateError ECONNREFUSED',
    )
    expect(withoutPlaces(causeText(new SseError('upstream-failed', 'y', { cause: 'GPU' })))).toBe('SseError: y: GPU')
  })

  it('says why also where the error alone is too long, and never too much', () => {
    const long = Object.assign(caused(caused('z'.repeat(9_999))), { stack: 'y'.repeat(9_999) })
    expect(causeText(long)).toMatch(/^y{1000}: Error: x: z+$/)
    const chain = Object.assign(caused(Object.assign(caused('z'.repeat(9_999)), { message: 'w'.repeat(9_999) })), {
      stack: 'y'.repeat(9_999),
    })
    expect(causeText(chain)).toMatch(/^y{1000}: Error: w+: z+$/)
    expect(causeText(chain)).toHaveLength(2_000)
  })

  it('ends, and does not throw itself', () => {
    const own = caused(undefined)
    own.cause = own
    expect(causeText(own)).toBe('Error: x: Error: x: Error: x')
    const none = Object.create(null)
    const hostile = new Proxy(none, { getPrototypeOf: () => expect.fail() })
    for (const thing of [none, hostile]) {
      expect(causeText(thing)).toMatch(/^something that has no text/)
      expect(causeText(caused(thing))).toBe('Error: x: something that has no text')
    }
  })
})
