import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Wire } from '../../bin/check/wire.ts'

const read = (...pieces: (string | Uint8Array)[]): Wire => {
  const wire = new Wire()
  for (const [at, piece] of pieces.entries()) wire.push(Buffer.from(piece), at)
  return wire
}
const seen = (wire: Wire): unknown[] => wire.blocks.map(({ event, id, data }) => ({ event, id, data }))

describe('Wire', () => {
  it('reads the same blocks wherever the bytes are cut', () => {
    const bytes = Buffer.from(': hi\r\n\r\nid: 1\r\nevent: ü\rdata: a\ndata:  b\n\n\n\rdata\n\nid: 2\n\nretry: 5\n\n')
    const whole = read(bytes)
    expect(seen(whole)).toEqual([
      { event: undefined, id: undefined, data: undefined },
      { event: 'ü', id: '1', data: 'a\n b' },
      { event: undefined, id: undefined, data: '' },
      { event: undefined, id: '2', data: undefined },
      { event: undefined, id: undefined, data: undefined },
    ])
    for (let cut = 1; cut < bytes.byteLength; cut++) {
      const cutIn2 = read(bytes.subarray(0, cut), bytes.subarray(cut))
      expect(seen(cutIn2)).toEqual(seen(whole))
      expect(cutIn2.lines.map(({ end, text }) => [end, text])).toEqual(whole.lines.map(({ end, text }) => [end, text]))
    }
    expect(seen(read(...[...bytes].map((byte) => Buffer.from([byte]))))).toEqual(seen(whole))
  })

  it('reads any bytes the same however they are cut', () => {
    const byte = fc.oneof(fc.constantFrom(...Buffer.from('\r\n:d \ufeff')), fc.integer({ min: 0, max: 255 }))
    const pieces = fc.array(fc.array(byte, { maxLength: 8 }))
    fc.assert(
      fc.property(pieces, (cut) => {
        const [one, many] = [read(Uint8Array.from(cut.flat())), read(...cut.map((each) => Uint8Array.from(each)))]
        expect(many.lines.map((line) => ({ ...line, at: 0 }))).toEqual(one.lines.map((line) => ({ ...line, at: 0 })))
        expect([seen(many), many.rest, many.hasBom]).toEqual([seen(one), one.rest, one.hasBom])
      }),
    )
  })

  it('knows how each line ended, when, and whether its bytes were UTF-8', () => {
    const { lines } = read('data: 1\r', '\ndata: 2\r', Buffer.from([0x64, 0xff, 0x0a]))
    expect(lines).toEqual([
      { at: 0, text: 'data: 1', end: 'crlf', bytes: 7, isUtf8: true },
      { at: 1, text: 'data: 2', end: 'cr', bytes: 7, isUtf8: true },
      { at: 2, text: 'd\ufffd', end: 'lf', bytes: 2, isUtf8: false },
    ])
  })

  it('takes one byte order mark off', () => {
    const wire = read('\ufeff', 'data: 1\n\n')
    expect([wire.hasBom, wire.blocks[0]?.data]).toEqual([true, '1'])
    expect(read('\ufeff\ufeffdata: 1\n\n').blocks[0]?.data).toBeUndefined()
  })

  it('does not take an id with a NUL', () => {
    expect(seen(read('id: 1\nid: a\0b\ndata: x\n\n'))).toEqual([{ event: undefined, id: '1', data: 'x' }])
  })

  it('knows when it is inside a block, and what is left', () => {
    const wire = read('data: 1\nda')
    expect([wire.isInside, wire.open.length, String(wire.rest)]).toEqual([true, 1, 'da'])
    expect(read('data: 1\n\n').isInside).toBe(false)
  })

  it('is full, and holds no more, after 2 MiB, 50,000 lines or as many pieces', () => {
    expect(read(Buffer.alloc(2 * 1_048_576, 'a')).isFull).toBe(true)
    const lines = read(':\n'.repeat(60_000))
    expect([lines.isFull, lines.lines.length]).toEqual([true, 50_000])
    expect(read(...Array<string>(50_000).fill('a')).isFull).toBe(true)
    expect(read('data: 1\n\n').isFull).toBe(false)
  })
})
