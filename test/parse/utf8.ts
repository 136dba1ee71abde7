/**
 * Bytes as text: always UTF-8, and U+FFFD for each piece that is none, as the decoder of the Encoding Standard has it.
 * https://encoding.spec.whatwg.org/#utf-8-decoder
 */
import { bytesOf, PARSING, type ParseCase } from './parse-case.ts'

const source = `${PARSING}, UTF-8 decode`

/** Bytes that are not UTF-8, and the number of characters that stand for them. */
const MALFORMED: [string, number[], number][] = [
  ['bytes that never occur', [0xff, 0xfe, 0xf8, 0xfc], 4],
  ['a continuation alone', [0x80], 1],
  ['a NEL of Latin-1', [0x85], 1],
  ['two continuations', [0xbf, 0x80], 2],
  ['an overlong NUL', [0xc0, 0x80], 2],
  ['an overlong LF', [0xc0, 0x8a], 2],
  ['an overlong colon', [0xc0, 0xba], 2],
  ['an overlong DEL', [0xc1, 0xbf], 2],
  ['an overlong LF of three bytes', [0xe0, 0x80, 0x8a], 3],
  ['an overlong LF of four bytes', [0xf0, 0x80, 0x80, 0x8a], 4],
  ['an overlong U+FFFF', [0xf0, 0x8f, 0xbf, 0xbf], 4],
  ['a high surrogate', [0xed, 0xa0, 0x80], 3],
  ['a low surrogate', [0xed, 0xbf, 0xbf], 3],
  ['a pair of surrogates', [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80], 6],
  ['beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80], 4],
  ['far beyond U+10FFFF', [0xf5, 0x80, 0x80, 0x80], 4],
  ['one byte of two', [0xc3], 1],
  ['one byte of three', [0xe2], 1],
  ['two bytes of three', [0xe2, 0x82], 1],
  ['one byte of four', [0xf0], 1],
  ['two bytes of four', [0xf0, 0x9f], 1],
  ['three bytes of four', [0xf0, 0x9f, 0x98], 1],
  ['two bytes of three, twice', [0xe2, 0x82, 0xe2, 0x82], 2],
  ['three bytes of four and one of two', [0xf0, 0x9f, 0x98, 0xc3], 2],
]

const malformed: ParseCase[] = MALFORMED.map(([name, bytes, count]) => {
  const text = '\ufffd'.repeat(count)
  return {
    name: `${name}, in values, before a line end and in a name`,
    source,
    stream: bytesOf(
      'data: a',
      bytes,
      'b\ndata:',
      bytes,
      '\nevent: x',
      bytes,
      '\nid: ',
      bytes,
      '\n',
      bytes,
      'data: no\n\n',
    ),
    blocks: [{ data: `a${text}b\n${text}`, event: `x${text}`, id: text }],
  }
})

const wellFormed: ParseCase[] = [
  {
    name: 'two, three and four bytes',
    stream: 'data: é€😀\nevent: é€😀\nid: é€😀\n\n',
    blocks: [{ data: 'é€😀', event: 'é€😀', id: 'é€😀' }],
  },
  {
    name: 'the first and the last of each length',
    stream: 'data: \u0001\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\u{10000}\u{10ffff}\n\n',
    blocks: [{ data: '\u0001\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\u{10000}\u{10ffff}' }],
  },
  {
    name: 'characters that are none',
    stream: 'data: \ufdd0\ufffe\uffff\u{1fffe}\n\n',
    blocks: [{ data: '\ufdd0\ufffe\uffff\u{1fffe}' }],
  },
  { name: 'U+FFFD itself', stream: 'data: \ufffd\n\n', blocks: [{ data: '\ufffd' }] },
  {
    name: 'nothing is composed',
    stream: 'data: e\u0301\n\ndata: \u00e9\n\n',
    blocks: [{ data: 'e\u0301' }, { data: '\u00e9' }],
  },
  {
    name: 'joined and turned characters',
    stream: 'data: 👩‍👩‍👧 🇪🇺 \u202eabc\u200f\n\n',
    blocks: [{ data: '👩‍👩‍👧 🇪🇺 \u202eabc\u200f' }],
  },
  { name: 'a character right after the colon', stream: 'data:é\ndata:😀\n\n', blocks: [{ data: 'é\n😀' }] },
  {
    name: 'half a character at the end',
    stream: bytesOf('data: a\n\ndata: b\n\n', [0xe2, 0x82]),
    blocks: [{ data: 'a' }, { data: 'b' }],
  },
  {
    name: 'half a character at the end of a line',
    stream: bytesOf('data: a\n\ndata: b', [0xf0, 0x9f]),
    blocks: [{ data: 'a' }],
  },
  {
    name: 'half a character, and a whole one',
    stream: bytesOf('data: ', [0xe2, 0x82], '€\n\n'),
    blocks: [{ data: '\ufffd€' }],
  },
  {
    name: 'half a character, and a blank line',
    stream: bytesOf('data: a', [0xe2, 0x82], '\n\ndata: b\n\n'),
    blocks: [{ data: 'a\ufffd' }, { data: 'b' }],
  },
].map((each) => ({ ...each, source }))

export const utf8: ParseCase[] = [...wellFormed, ...malformed]
