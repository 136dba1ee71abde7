import { describe, expect, it, vi } from 'vitest'
import { SseError, type SseErrorCode } from '../src/errors.ts'
import { parseJson } from '../src/json.ts'

const rewritten = (text: string): string => JSON.stringify(parseJson(text))
const codeOf = (text: string): SseErrorCode | undefined => {
  try {
    parseJson(text)
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(SseError)
    return (error as SseError).code
  }
}

describe('parseJson', () => {
  it('parses JSON', () => {
    expect(parseJson(' {"event":"chat","data":{"text":"hällo 😀","list":[true,null]}}\r\n')).toEqual({
      event: 'chat',
      data: { text: 'hällo 😀', list: [true, null] },
    })
  })

  it.each(['', ' ', '\r', '{', '{"a":1}x', '{"a":1}{"a":2}', "{'a':1}", '[1,]', 'NaN', 'undefined', '\0', '1.', '01'])(
    'refuses %j, which is not JSON',
    (text) => {
      expect(codeOf(text)).toBe('invalid-json')
    },
  )

  describe('nesting', () => {
    const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)
    const objects = (levels: number): string => '{"a":'.repeat(levels) + 1 + '}'.repeat(levels)

    it('takes 64 levels and refuses 65', () => {
      expect(rewritten(nested(64))).toBe(nested(64))
      expect(codeOf(nested(65))).toBe('invalid-json')
      expect(rewritten(objects(64))).toBe(objects(64))
      expect(codeOf(objects(65))).toBe('invalid-json')
    })

    it('counts depth, not brackets', () => {
      const text = `[${Array(100).fill('[]').join(',')}]`
      expect(rewritten(text)).toBe(text)
    })

    it('does not count brackets inside strings', () => {
      const text = JSON.stringify({ ['['.repeat(70)]: `${'{'.repeat(70)}"\\${'['.repeat(70)}\\` })
      expect(rewritten(text)).toBe(text)
    })

    it('counts what follows a string that ends with a backslash', () => {
      expect(codeOf(`["\\\\",${nested(64)}]`)).toBe('invalid-json')
      expect(rewritten(`["\\\\",${nested(63)}]`)).toBe(`["\\\\",${nested(63)}]`)
    })

    it('refuses brackets alone without parsing them', () => {
      const parse = vi.spyOn(JSON, 'parse')
      expect(codeOf('['.repeat(100_000))).toBe('invalid-json')
      expect(parse).not.toHaveBeenCalled()
      parse.mockRestore()
    })
  })

  describe('strings', () => {
    it.each(['"\\ud800"', '"a\\udc00b"', '{"a":["\\uD83D"]}', '{"\\ud83d":1}', '{"a":{"\\ude00":null}}'])(
      'refuses the lone surrogate in %s',
      (text) => {
        expect(codeOf(text)).toBe('invalid-utf8')
      },
    )

    it('takes a surrogate pair that is escaped', () => {
      expect(parseJson('{"\\ud83d\\ude00":"\\ud83d\\ude00"}')).toEqual({ '😀': '😀' })
    })

    it('takes what only looks like an escaped surrogate', () => {
      expect(parseJson('"\\\\ud800"')).toBe('\\ud800')
    })
  })

  describe('numbers', () => {
    it.each([
      '1.0',
      '1e400',
      '-0',
      '12345678901234567890',
      '0.1000',
      '1E+2',
      '1e2',
      '-1.50e-7',
      '-0.0',
      '9007199254740993',
    ])('keeps %s as it was written', (number) => {
      expect(rewritten(number)).toBe(number)
      expect(rewritten(`{"a":[${number},{"b":${number}}]}`)).toBe(`{"a":[${number},{"b":${number}}]}`)
    })

    it.each(['0', '-1', '1.5', '900719925474099', '9007199254740991', '1e+21'])('gives %s as a number', (number) => {
      expect(parseJson(number)).toBe(Number(number))
    })
  })

  it('keeps __proto__ as a key of its own', () => {
    for (const text of ['{"__proto__":{"admin":true},"a":1}', '{"__proto__":{"admin":true},"a":1.0}']) {
      const value = parseJson(text) as object
      expect(Object.hasOwn(value, '__proto__')).toBe(true)
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
      expect('admin' in value).toBe(false)
      expect(JSON.stringify(value)).toBe(text)
    }
  })
})
