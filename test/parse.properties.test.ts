/** Whatever bytes come, and however they are cut: what the specification makes of all of them is what our readers do. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { someCuts } from './parse/cuts.ts'
import { differences, textOf } from './parse/differences.ts'
import { bytesOf } from './parse/parse-case.ts'
import { parseCases } from './parse/parse-cases.ts'
import { readers } from './parse/readers.ts'
import { reference } from './parse/reference.ts'

/** Pieces of lines that mean something, almost mean something, or are half of something. */
const TEXTS = [
  'data',
  'event',
  'id',
  'retry',
  'dat',
  'a',
  'x',
  '7',
  ':',
  ' ',
  '\n',
  '\r',
  '\r\n',
  '\n\n',
  '\0',
  '\ufeff',
]
const LINES = [
  'data: ',
  'data:',
  'event: ',
  'id: ',
  'retry: 5\n',
  ': ',
  'data: a\n\n',
  'id: 1\n\n',
  'ï»¿',
  '€',
  '😀',
  '\u2028',
]
const BYTES = [
  [0xef],
  [0xbb],
  [0xbf],
  [0xef, 0xbb],
  [0xf0, 0x9f],
  [0x98],
  [0x80],
  [0xe2, 0x82],
  [0xc0],
  [0xff],
  [0xed, 0xa0],
]

const bytes = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...TEXTS) },
      { weight: 4, arbitrary: fc.constantFrom(...LINES) },
      { weight: 1, arbitrary: fc.constantFrom(...BYTES) },
      { weight: 1, arbitrary: fc.array(fc.nat(255), { maxLength: 3 }) },
    ),
    { maxLength: 30 },
  )
  .map((parts) => bytesOf(...parts))

/** At random places: in many pieces, some of them empty. */
function cutAt(whole: Uint8Array, places: number[]): Uint8Array[] {
  const sorted = places.map((place) => place % (whole.length + 1)).sort((a, b) => a - b)
  return [...sorted, whole.length].map((end, at) => whole.subarray(sorted[at - 1] ?? 0, end))
}

describe.each(Object.entries(readers))('%s', (_, { read, cuts }) => {
  it('reads whatever comes as the specification does, wherever it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, fc.array(fc.nat(), { maxLength: 8 }), async (whole, places) => {
        const expected = textOf(reference(whole))
        expect(textOf(await read(cutAt(whole, places)))).toBe(expected)
        for (const cut of cuts(whole)) {
          const found = textOf(await read(cut.chunks))
          if (found !== expected) expect({ cut: cut.name, found }).toEqual({ cut: cut.name, found: expected })
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('the algorithm it is compared with', () => {
  it('makes of each case what the case says', async () => {
    const read = (chunks: Uint8Array[]) => reference(bytesOf(...chunks.map((chunk) => [...chunk])))
    for (const each of parseCases) expect(await differences(each, read, whole)).toEqual([])
  })
})

/** Uncut: the algorithm has all of it at once. */
const whole = (bytes: Uint8Array) => [...someCuts(bytes)].slice(0, 1)
