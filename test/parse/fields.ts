/** Names of fields, and what `data` and `event` make of their values. */
import { INTERPRETING, type ParseCase } from './parse-case.ts'

/** Lines that are none of the four fields. */
const UNKNOWN: [string, string[]][] = [
  ['names in capitals', ['Data: x', 'DATA: x', 'dAta', 'Event: x', 'EVENT', 'Id: x', 'ID: x', 'Retry: 9', 'RETRY: 9']],
  ['names after a space or a tab', [' data: x', '\tdata: x', ' event: x', ' id: x', ' retry: 9', ' ', '  :', ' : x']],
  ['names before a space or a tab', ['data : x', 'data\t: x', 'data ', 'event : x', 'id : x', 'id ', 'retry : 9']],
  ['parts of names', ['d', 'da: x', 'dat: x', 'e', 'even: x', 'i', 'i: x', 'r', 'retr: 9', 'ata: x', 'vent: x']],
  ['longer names', ['datas: x', 'data2', 'dataa: x', 'events: x', 'ids: x', 'id2', 'retrys: 9', 'retry-after: 9']],
  ['names with NUL', ['\0', '\0data: x', 'data\0: x', 'da\0ta: x', 'id\0: x', 'event\0: x', 'retry\0: 9']],
  ['names that look like it', ['ｄａｔａ: x', 'dаta: x', 'data： x', 'ⅰd: x', 'data; x', 'data= x', '"data": x']],
  ['names that objects have', ['__proto__: x', 'constructor: x', 'toString', 'hasOwnProperty: x', 'undefined: x']],
  ['lines that are no fields at all', ['{"data":"x"}', '<html>', 'HTTP/1.1 200 OK', '[DONE]', '-', '\ufffd', '😀: x']],
]

const names: ParseCase[] = UNKNOWN.map(([name, lines]) => ({
  name: `${name} are not read`,
  source: INTERPRETING,
  stream: `data: a\n${lines.join('\n')}\ndata: b\n\n${lines.join('\n\n')}\n\n`,
  blocks: [{ data: 'a\nb' }],
}))

const values: ParseCase[] = [
  { name: 'no value, no colon', stream: 'data\n\n', blocks: [{ data: '' }] },
  { name: 'no value but a space', stream: 'data: \n\n', blocks: [{ data: '' }] },
  { name: 'two spaces are one', stream: 'data:  \n\n', blocks: [{ data: ' ' }] },
  { name: 'one space goes', stream: 'data:a\ndata: b\ndata:  c\ndata:   d\n\n', blocks: [{ data: 'a\nb\n c\n  d' }] },
  {
    name: 'spaces at the end stay',
    stream: 'data: a \nevent: x \nid: 1 \n\n',
    blocks: [{ data: 'a ', event: 'x ', id: '1 ' }],
  },
  {
    name: 'of what is almost a space nothing goes',
    stream: 'data:\ta\ndata:\u00a0b\ndata:\u3000c\ndata:\u2003d\ndata:\u200be\n\n',
    blocks: [{ data: '\ta\n\u00a0b\n\u3000c\n\u2003d\n\u200be' }],
  },
  { name: 'a space before a tab goes', stream: 'data: \ta\n\n', blocks: [{ data: '\ta' }] },
  {
    name: 'colons after the first are text',
    stream: 'data:a:b: c\ndata::d\ndata: :e\ndata:::\n\n',
    blocks: [{ data: 'a:b: c\n:d\n:e\n::' }],
  },
  {
    name: 'fields inside of data are text',
    stream: 'data: data: a\ndata: id: 9\ndata: event: x\ndata: retry: 9\ndata: : no\n\n',
    blocks: [{ data: 'data: a\nid: 9\nevent: x\nretry: 9\n: no' }],
  },
  { name: 'escapes are text', stream: 'data: a\\nb\\u0000%0Ac&amp;\n\n', blocks: [{ data: 'a\\nb\\u0000%0Ac&amp;' }] },
  { name: 'lines of nothing', stream: `${'data\n'.repeat(60)}\n`, blocks: [{ data: '\n'.repeat(59) }] },
  { name: 'lines of nothing between others', stream: 'data\ndata: a\ndata:\ndata\n\n', blocks: [{ data: '\na\n\n' }] },
  {
    name: 'very many lines',
    stream: `${Array.from({ length: 250 }, (_, n) => `data: ${n}\n`).join('')}\n`,
    blocks: [{ data: Array.from({ length: 250 }, (_, n) => n).join('\n') }],
  },
  {
    name: 'a very long line',
    stream: `data: ${'0123456789'.repeat(150)}\n\n`,
    blocks: [{ data: '0123456789'.repeat(150) }],
  },
  {
    name: 'control characters',
    stream: 'data: \x01\x08\x1b[31m\x7f\u0080\u009b\n\n',
    blocks: [{ data: '\x01\x08\x1b[31m\x7f\u0080\u009b' }],
  },
  {
    name: 'NUL in data and in a name',
    stream: 'data: a\0b\nevent: x\0y\n\n',
    blocks: [{ data: 'a\0b', event: 'x\0y' }],
  },
  {
    name: 'lines of data that other fields stand between',
    stream: 'data: a\nevent: x\n: no\ndata: b\nid: 1\nno\ndata: c\nretry: 5\n\n',
    blocks: [{ data: 'a\nb\nc', event: 'x', id: '1' }],
    retries: [5],
    comments: ['no'],
  },
  {
    name: 'messages of one line each',
    stream: 'data: a\n\ndata:b\n\ndata\n\ndata: c\n\n',
    blocks: [{ data: 'a' }, { data: 'b' }, { data: '' }, { data: 'c' }],
  },
].map((each) => ({ ...each, source: INTERPRETING }))

const events: ParseCase[] = [
  { name: 'an event after its data', stream: 'data: a\nevent: x\n\n', blocks: [{ data: 'a', event: 'x' }] },
  { name: 'the last of two events', stream: 'event: x\nevent: y\ndata: a\n\n', blocks: [{ data: 'a', event: 'y' }] },
  { name: 'an event that an empty one takes back', stream: 'event: x\nevent\ndata: a\n\n', blocks: [{ data: 'a' }] },
  {
    name: 'an event that an empty one with a colon takes back',
    stream: 'event: x\ndata: a\nevent:\n\n',
    blocks: [{ data: 'a' }],
  },
  {
    name: 'an event without a value',
    stream: 'event\ndata: a\n\nevent:\ndata: b\n\n',
    blocks: [{ data: 'a' }, { data: 'b' }],
  },
  { name: 'an event of one more space', stream: 'event:  \ndata: a\n\n', blocks: [{ data: 'a', event: ' ' }] },
  {
    name: 'an event without data, which is none and not the next',
    stream: 'event: x\n\ndata: a\n\n',
    blocks: [{ data: 'a' }],
  },
  {
    name: 'an event is for its own block',
    stream: 'event: x\ndata: a\n\ndata: b\n\n',
    blocks: [{ data: 'a', event: 'x' }, { data: 'b' }],
  },
  { name: 'an event with empty data is one', stream: 'event: x\ndata\n\n', blocks: [{ data: '', event: 'x' }] },
  {
    name: 'an event that is named message',
    stream: 'event: message\ndata: a\n\n',
    blocks: [{ data: 'a', event: 'message' }],
  },
  { name: 'two spaces before the name', stream: 'event:  x\ndata: a\n\n', blocks: [{ data: 'a', event: ' x' }] },
  {
    name: 'a name of anything',
    stream: 'event: a b:c, é😀\ndata: a\n\n',
    blocks: [{ data: 'a', event: 'a b:c, é😀' }],
  },
  {
    name: 'names that objects have as events',
    stream: 'event: __proto__\ndata: a\n\nevent: constructor\ndata: b\n\n',
    blocks: [
      { data: 'a', event: '__proto__' },
      { data: 'b', event: 'constructor' },
    ],
  },
].map((each) => ({ ...each, source: INTERPRETING }))

export const fields: ParseCase[] = [...names, ...values, ...events]
