import { describe, expect, it } from 'vitest'
import { printable } from '../../bin/printable.ts'

describe('printable', () => {
  it.each([
    ['\x1b[2Jhello\x1b]0;title\x07', '\\x1b[2Jhello\\x1b]0;title\\x07'],
    ['a\r\nb\tc\x00\x7f', 'a\\r\\nb\\tc\\x00\\x7f'],
    ['\x9b31m and \x90', '\\x9b31m and \\x90'],
    ['\u202egnp.exe\u2066\u2069', '\\u{202e}gnp.exe\\u{2066}\\u{2069}'],
    ['pay\u200bpal\ufeff\u00ad\u3164', 'pay\\u{200b}pal\\u{feff}\\xad\\u{3164}'],
    ['\u{e0041}\ud800\u2028', '\\u{e0041}\\u{d800}\\u{2028}'],
    ['a\u200db\ufe0f', 'a\\u{200d}b\\u{fe0f}'],
  ])('makes %j be seen', (text, seen) => {
    expect(printable(text)).toBe(seen)
  })

  it.each(['hello', 'Grüße, 世界, مرحبا', '👩🏽‍💻 👨‍👩‍👧 ❤️‍🔥 ✈️', 'a\\x1b as it was written'])(
    'leaves %s as it is',
    (text) => {
      expect(printable(text)).toBe(text)
    },
  )

  it('keeps line breaks and tabs, and no carriage return, where there may be lines', () => {
    expect(printable('a\n\tb\r\x1bc', { lines: true })).toBe('a\n\tb\\r\\x1bc')
  })

  it('cuts what is too long', () => {
    expect(printable('0123456789', { atMost: 4 })).toBe('0123…')
    expect(printable('0123', { atMost: 4 })).toBe('0123')
  })

  it('leaves nothing of any control, whatever the text', () => {
    const all = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code)).join('')
    expect(printable(all)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
  })
})
