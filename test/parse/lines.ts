/** Where lines end, where blocks end, and what a stream begins with. */
import { bytesOf, INTERPRETING, PARSING, type ParseCase } from './parse-case.ts'

const twoMessages = [{ data: 'a' }, { data: 'b' }]

const lineEnds: ParseCase[] = [
  { name: 'LF, CR and CRLF in one block', stream: 'data: a\rdata: b\r\ndata: c\n\n', blocks: [{ data: 'a\nb\nc' }] },
  { name: 'CR CR is a line end and a blank line', stream: 'data: a\r\rdata: b\r\r', blocks: twoMessages },
  { name: 'CRLF CR is a line end and a blank line', stream: 'data: a\r\n\rdata: b\r\n\r', blocks: twoMessages },
  { name: 'CR CRLF is a line end and a blank line', stream: 'data: a\r\r\ndata: b\r\r\n', blocks: twoMessages },
  { name: 'LF CR is a line end and a blank line', stream: 'data: a\n\rdata: b\n\r', blocks: twoMessages },
  { name: 'LF CRLF is a line end and a blank line', stream: 'data: a\n\r\ndata: b\n\r\n', blocks: twoMessages },
  { name: 'CRLF LF is a line end and a blank line', stream: 'data: a\r\n\ndata: b\r\n\n', blocks: twoMessages },
  { name: 'CRLF is one line end', stream: 'data: a\r\ndata: b\r\n\r\n', blocks: [{ data: 'a\nb' }] },
  { name: 'CR CR LF LF is a line end and two blank lines', stream: 'data: a\r\r\n\ndata: b\n\n', blocks: twoMessages },
  { name: 'line ends before anything else', stream: '\n\r\n\rdata: a\n\ndata: b\n\n', blocks: twoMessages },
  { name: 'a line that is not read ends in CR', stream: 'no: x\rdata: a\r\rno\rdata: b\r\r', blocks: twoMessages },
  {
    name: 'a line that is not read ends in CRLF',
    stream: 'no\r\ndata: a\r\n\r\nno: x\r\ndata: b\r\n\r\n',
    blocks: twoMessages,
  },
  {
    name: 'a comment ends in CR',
    stream: ': x\rdata: a\r\r:y\r\rdata: b\r\r',
    blocks: twoMessages,
    comments: ['x', 'y'],
  },
  {
    name: 'a value ends before CR',
    stream: 'id: 1\revent: x\rretry: 5\rdata\r\r',
    blocks: [{ data: '', event: 'x', id: '1' }],
    retries: [5],
  },
  { name: 'the last of two CR is the last of the stream', stream: 'data: a\n\ndata: b\r\r', blocks: twoMessages },
  { name: 'one CR at the end is no blank line', stream: 'data: a\n\ndata: b\n\ndata: c\r', blocks: twoMessages },
  { name: 'one CRLF at the end is no blank line', stream: 'data: a\n\ndata: b\n\ndata: c\r\n', blocks: twoMessages },
].map((each) => ({ ...each, source: PARSING, asIs: true as const }))

const noLineEnds: ParseCase[] = [
  ['U+2028', '\u2028'],
  ['U+2029', '\u2029'],
  ['NEL', '\u0085'],
  ['VT', '\v'],
  ['FF', '\f'],
  ['RS', '\x1e'],
  ['NUL', '\0'],
  ['a backslash and n', '\\n'],
].flatMap(([name, text]) => [
  {
    name: `${name} ends no line`,
    source: PARSING,
    stream: `data: a${text}data: b\nevent: x${text}y\nno${text}data: c\n\n`,
    blocks: [{ data: `a${text}data: b`, event: `x${text}y` }],
  },
  {
    name: `a line of ${name} is not blank`,
    source: PARSING,
    stream: `data: a\n${text}\ndata: b\n\n`,
    blocks: [{ data: 'a\nb' }],
  },
])

const blankLines: ParseCase[] = [
  { name: 'a line of a space is not blank', stream: 'data: a\n \ndata: b\n\n', blocks: [{ data: 'a\nb' }] },
  { name: 'a line of a tab is not blank', stream: 'data: a\n\t\ndata: b\n\n', blocks: [{ data: 'a\nb' }] },
  { name: 'many blank lines are as one', stream: '\n\n\ndata: a\n\n\n\ndata: b\n\n\n', blocks: twoMessages },
].map((each) => ({ ...each, source: INTERPRETING }))

const ends: ParseCase[] = [
  { name: 'nothing at all', stream: '', blocks: [] },
  { name: 'a line end alone', stream: '\n', blocks: [] },
  { name: 'the end in a block', stream: 'data: a\n\ndata: b\n\ndata: c\n', blocks: twoMessages },
  { name: 'the end in a line', stream: 'data: a\n\ndata: b\n\ndata: c', blocks: twoMessages },
  { name: 'the end in the name of a field', stream: 'data: a\n\ndata: b\n\nda', blocks: twoMessages },
  { name: 'the end after an id', stream: 'id: 1\ndata: a\n\nid: 2\n', blocks: [{ data: 'a', id: '1' }] },
  { name: 'the end in an id', stream: 'id: 1\ndata: a\n\nid: 2', blocks: [{ data: 'a', id: '1' }] },
  { name: 'the end after an id without a value', stream: 'id: 1\n\ndata: a\nid', blocks: [{ id: '1' }] },
  { name: 'the end after the name of an event', stream: 'data: a\n\nevent: x\n', blocks: [{ data: 'a' }] },
  { name: 'the end after a retry, which needs no blank line', stream: 'retry: 60\n', blocks: [], retries: [60] },
  { name: 'the end in a retry, whose line has not ended', stream: 'data: a\n\nretry: 60', blocks: [{ data: 'a' }] },
  { name: 'the end after a comment', stream: ': x\n', blocks: [], comments: ['x'] },
  { name: 'the end in a comment', stream: 'data: a\n\n: x', blocks: [{ data: 'a' }] },
].map((each) => ({ ...each, source: INTERPRETING }))

const boms: ParseCase[] = [
  { name: 'a BOM and nothing more', stream: '\ufeff', blocks: [] },
  { name: 'a BOM before a blank line', stream: '\ufeff\ndata: a\n\n', blocks: [{ data: 'a' }] },
  { name: 'a BOM before a comment', stream: '\ufeff: x\ndata: a\n\n', blocks: [{ data: 'a' }], comments: ['x'] },
  { name: 'a BOM before an id', stream: '\ufeffid: 1\ndata: a\n\n', blocks: [{ data: 'a', id: '1' }] },
  { name: 'a BOM after a blank line is text', stream: '\n\ufeffdata: a\n\ndata: b\n\n', blocks: [{ data: 'b' }] },
  { name: 'a BOM after a space is text', stream: ' \ufeffdata: a\n\ndata: b\n\n', blocks: [{ data: 'b' }] },
  { name: 'three BOMs are one and two of text', stream: '\ufeff\ufeff\ufeff\ndata: b\n\n', blocks: [{ data: 'b' }] },
  {
    name: 'a BOM before a comment in the middle makes it a field',
    stream: '\ndata: a\n\ufeff: x\n\n',
    blocks: [{ data: 'a' }],
  },
  {
    name: 'BOMs in values stay',
    stream: 'data:\ufeffa\nevent: \ufeffx\nid: \ufeff1\ndata: \ufeff\n\n',
    blocks: [{ data: '\ufeffa\n\ufeff', event: '\ufeffx', id: '\ufeff1' }],
  },
  { name: 'the characters ï»¿ are no BOM', stream: 'ï»¿data: a\n\ndata: b\n\n', blocks: [{ data: 'b' }] },
  { name: 'the characters ï»¿ after a BOM', stream: '\ufeffï»¿data: a\n\ndata: b\n\n', blocks: [{ data: 'b' }] },
  { name: 'the characters ï» and ï', stream: 'ï»data: a\n\nïdata: b\n\ndata: c\n\n', blocks: [{ data: 'c' }] },
  { name: 'two thirds of a BOM', stream: bytesOf([0xef, 0xbb], 'data: a\n\ndata: b\n\n'), blocks: [{ data: 'b' }] },
  { name: 'a third of a BOM', stream: bytesOf([0xef], 'data: a\n\ndata: b\n\n'), blocks: [{ data: 'b' }] },
  {
    name: 'two thirds of a BOM, and a BOM',
    stream: bytesOf([0xef, 0xbb], '\ufeffdata: a\n\ndata: b\n\n'),
    blocks: [{ data: 'b' }],
  },
  {
    name: 'a BOM, and two thirds of one',
    stream: bytesOf('\ufeff', [0xef, 0xbb], 'data: a\n\ndata: b\n\n'),
    blocks: [{ data: 'b' }],
  },
  { name: 'a BOM of UTF-16', stream: bytesOf([0xff, 0xfe], 'data: a\n\ndata: b\n\n'), blocks: [{ data: 'b' }] },
].map((each) => ({ ...each, source: PARSING }))

export const lines: ParseCase[] = [...lineEnds, ...noLineEnds, ...blankLines, ...ends, ...boms]
