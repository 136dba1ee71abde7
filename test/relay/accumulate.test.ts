import { describe, expect, it } from 'vitest'
import { accumulate, noFields } from '../../src/relay/accumulate.ts'

/** As upstream JSON has them: there `__proto__` is a field like any other. */
const together = (...pieces: string[]): string => {
  const whole = noFields()
  for (const piece of pieces) accumulate(whole, JSON.parse(piece))
  return JSON.stringify(whole)
}
const nested = (depth: number, text: string): string => '{"a":'.repeat(depth) + JSON.stringify(text) + '}'.repeat(depth)

describe('accumulate', () => {
  it.each([
    ['texts grow', ['{"a":"x"}', '{"a":"y"}'], '{"a":"xy"}'],
    ['lists get longer', ['{"a":[1]}', '{"a":[2,3]}'], '{"a":[1,2,3]}'],
    ['objects are put together', ['{"a":{"b":"x"}}', '{"a":{"b":"y","c":1}}'], '{"a":{"b":"xy","c":1}}'],
    ['what names something is said again', ['{"id":"x"}', '{"id":"x"}', '{"id":""}'], '{"id":"x"}'],
    ['the rest is as it was said last', ['{"a":1,"b":true}', '{"a":2,"b":false}'], '{"a":2,"b":false}'],
    [
      'so is what changes its kind',
      ['{"a":"x","b":[1],"c":{}}', '{"a":[1],"b":{"d":1},"c":"x"}'],
      '{"a":[1],"b":{"d":1},"c":"x"}',
    ],
    ['null says nothing', ['{"a":"x","b":[1]}', '{"a":null,"b":null,"c":null}'], '{"a":"x","b":[1]}'],
  ])('%s', (_, pieces, whole) => {
    expect(together(...pieces)).toBe(whole)
  })

  it('lets no text grow that is said about a piece', () => {
    const whole = noFields()
    for (const severity of ['safe', 'safe', 'low']) accumulate(whole, { hate: { severity }, ids: [1] }, 'replace')
    expect(JSON.stringify(whole)).toBe('{"hate":{"severity":"low"},"ids":[1,1,1]}')
  })

  it('leaves the pieces as they were', () => {
    const pieces = [
      { list: [1], fields: { text: 'x' } },
      { list: [2], fields: { text: 'y' } },
    ]
    const whole = noFields()
    for (const piece of pieces) accumulate(whole, piece)
    expect(pieces).toEqual([
      { list: [1], fields: { text: 'x' } },
      { list: [2], fields: { text: 'y' } },
    ])
  })

  it('takes fields for what they are, whatever they are called', () => {
    const piece =
      '{"__proto__":{"polluted":"x"},"constructor":{"prototype":{"polluted":"x"}},"a":{"__proto__":{"polluted":"x"}}}'
    expect(together(piece, piece)).toBe(piece.replaceAll('"x"', '"xx"'))
    expect('polluted' in {}).toBe(false)
  })

  it('goes no deeper than there is anything to put together, and takes as many items as come', () => {
    expect(together(nested(8, 'x'), nested(8, 'y'))).toBe(nested(8, 'xy'))
    expect(together(nested(9, 'x'), nested(9, 'y'))).toBe(nested(9, 'y'))
    const deep = { a: JSON.parse(`${'['.repeat(60_000)}${']'.repeat(60_000)}`), b: JSON.parse(nested(60_000, 'x')) }
    const many = JSON.parse(`[${'1,'.repeat(200_000)}1]`)
    const whole = noFields()
    for (const piece of [deep, deep, { many }, { many }]) accumulate(whole, piece)
    expect(whole.many).toHaveLength(400_002)
  })
})
