import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawTag, formatCursor, ORIGIN, parseCursor } from '../../src/rooms/cursor.ts'

describe('parseCursor', () => {
  it('reads what formatCursor writes', () => {
    const tag = fc.stringMatching(/^[0-9a-z]{6}$/)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), tag, (seq, tag) => {
        expect(parseCursor(formatCursor({ seq, tag }))).toEqual({ seq, tag })
      }),
    )
    expect(parseCursor(formatCursor(ORIGIN))).toEqual(ORIGIN)
  })

  it.each([
    '',
    '0-abcdef',
    '00',
    '01-abcdef',
    '-1-abcdef',
    '1e3-abcdef',
    '0x1-abcdef',
    '1-abcde',
    '1-abcdefg',
    '1-ABCDEF',
    '1-abcdé1',
    ' 1-abcdef',
    '1-abcdef\n',
    '9007199254740992-abcdef',
    '18446744073709551616-abcdef',
    '~end',
  ])('takes %j for no cursor', (id) => {
    expect(parseCursor(id)).toBeUndefined()
  })
})

describe('drawTag', () => {
  it('draws six characters, another one each time', () => {
    const tags = Array.from({ length: 1_000 }, drawTag)
    for (const tag of tags) expect(tag).toMatch(/^[0-9a-z]{6}$/)
    expect(new Set(tags).size).toBeGreaterThan(990)
  })
})
