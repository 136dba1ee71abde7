import { describe, expect, it } from 'vitest'
import {
  decodeCommand,
  decodePage,
  encodeCommand,
  encodePosition,
  Page,
  type Position,
} from '../../src/rooms/bridge.ts'

describe('commands', () => {
  it.each<[string, Position]>([
    ['p 3 7 abcdef 1', { seq: 7, tag: 'abcdef' }],
    ['p 3 0 - 1', { seq: 0, tag: '-' }],
    ['p 3 - live 1', 'live'],
    ['p 3 - start 1', 'start'],
    ['p 3 - malformed 1', 'malformed'],
    ['p 3 - 50 1', 50],
    ['p 3 - 9007199254740991 1', Number.MAX_SAFE_INTEGER],
  ])('are written as %s, and read back', (text, position) => {
    expect(encodeCommand({ turn: 3, position, first: true })).toBe(text)
    expect(decodeCommand(text)).toEqual({ turn: 3, position, first: true })
    expect(decodeCommand(text.replace(/1$/, '0'))).toEqual({ turn: 3, position, first: false })
  })

  it('stop live pages with a turn alone', () => {
    expect(encodeCommand({ turn: 9 })).toBe('s 9')
    expect(decodeCommand('s 9')).toEqual({ turn: 9 })
  })

  it.each([
    '',
    'p',
    's',
    's 0',
    's x',
    's -1',
    'p 1',
    'p 1 x y 1',
    'p 1 7 ABCDEF 1',
    'p 1 - later 1',
    'q 1 0 - 1',
    'p 1e99 0 - 1',
  ])('refuse %j', (text) => {
    expect(decodeCommand(text)).toBeUndefined()
  })
})

describe('Page', () => {
  const to = { seq: 9, tag: 'abcdef' }

  it('is written with its turn, and read back', () => {
    const page = new Page(7, to, 1, 'data: a\nid: 8\n\ndata: b\nid: 9\n\n')
    expect(page.encode(4)).toBe('4 7 9 abcdef 1\ndata: a\nid: 8\n\ndata: b\nid: 9\n\n')
    expect(page.encode(5)).toBe('5 7 9 abcdef 1\ndata: a\nid: 8\n\ndata: b\nid: 9\n\n')
    const { turn, page: read } = decodePage(page.encode(4)) ?? {}
    expect([turn, read?.from, read?.to, read?.live, read?.blocks]).toEqual([4, 7, to, 1, page.blocks])
    expect(decodePage(new Page('-', to, 0, '').encode(1))?.page.from).toBe('-')
  })

  it('makes its text once for each turn and its bytes once for all', () => {
    const page = new Page(7, to, 1, 'data: ä\n\n')
    expect(page.bytes).toBe(page.bytes)
    expect(page.bytes.byteLength).toBe(10)
  })

  it.each(['', '1 2 3', '1 2 3 abcdef 7\n', '1 2 3 abcdef 1'])('is not made of %j', (text) => {
    expect(decodePage(text)).toBeUndefined()
  })

  it('is positioned as a reader stands', () => {
    expect(encodePosition(to)).toBe('9 abcdef')
    expect(encodePosition('live')).toBe('- live')
  })
})
