/** What web-platform-tests hold readers to in their files on the format, with streams of our own of the same shape. */
import { type ParseCase, wpt } from './parse-case.ts'

const long = 'y'.repeat(2048)

export const wptCases: ParseCase[] = [
  {
    name: 'lines of data, blocks of nothing that counts, empty data',
    source: wpt('event-data.any'),
    stream: 'data:one\ndata:one\n\n:\nother:one\n\nother:one\nData:two\n\ndata\n\ndata:last\n\n',
    blocks: [{ data: 'one\none' }, { data: '' }, { data: 'last' }],
    comments: [''],
  },
  {
    name: 'a BOM at the start is none of the text, one before the second block is',
    source: wpt('format-bom.any'),
    stream: '\ufeffdata:a\n\n\ufeffdata:b\n\ndata:c\n\n',
    blocks: [{ data: 'a' }, { data: 'c' }],
  },
  {
    name: 'of two BOMs the second is text',
    source: wpt('format-bom-2.any'),
    stream: '\ufeff\ufeffdata:a\n\ndata:b\n\ndata:c\n\n',
    blocks: [{ data: 'b' }, { data: 'c' }],
  },
  {
    name: 'comments of all kinds between lines of data, with all line ends',
    source: wpt('format-comments.any'),
    stream: `data:a\r:\0\n:\r\ndata:b\n:${long}\rdata:c\n:data:no\r:${long}\ndata:d\n\n`,
    asIs: true,
    blocks: [{ data: 'a\nb\nc\nd' }],
    comments: ['\0', '', long, 'data:no', long],
  },
  {
    name: 'data and an id before a blank line that does not come',
    source: wpt('format-data-before-final-empty-line.any'),
    stream: 'retry:900\ndata:a\n\nid:b\ndata:c\n',
    blocks: [{ data: 'a' }],
    retries: [900],
  },
  {
    name: 'data with no value, with and without its colon',
    source: wpt('format-field-data.any'),
    stream: 'data:\n\ndata\ndata\n\ndata:x\n\n',
    blocks: [{ data: '' }, { data: '\n' }, { data: 'x' }],
  },
  {
    name: 'an event of an empty name is a message',
    source: wpt('format-field-event-empty.any'),
    stream: 'event: \ndata:x\n\n',
    blocks: [{ data: 'x' }],
  },
  {
    name: 'a named event, and a message after it',
    source: wpt('format-field-event.any'),
    stream: 'event:named\ndata:x\n\ndata:y\n\n',
    blocks: [{ event: 'named', data: 'x' }, { data: 'y' }],
  },
  {
    name: 'an id beyond ASCII stays for the messages after it',
    source: `${wpt('format-field-id.any')}, ${wpt('format-field-id-2.any')}`,
    stream: 'id: ±…\nretry: 150\ndata: a\n\ndata: b\n\ndata: c\n\n',
    blocks: [{ data: 'a', id: '±…' }, { data: 'b' }, { data: 'c' }],
    retries: [150],
  },
  {
    name: 'an id stays',
    source: wpt('format-field-id-3.window'),
    stream: 'id: 8\ndata: a\n\ndata: b\n\n',
    blocks: [{ data: 'a', id: '8' }, { data: 'b' }],
  },
  {
    name: 'an id changes and stays',
    source: wpt('format-field-id-3.window'),
    stream: 'id: 8\ndata: a\n\nid: 9\ndata: b\n\ndata: c\n\n',
    blocks: [{ data: 'a', id: '8' }, { data: 'b', id: '9' }, { data: 'c' }],
  },
  {
    name: 'an id is taken back and stays so',
    source: wpt('format-field-id-3.window'),
    stream: 'id: 8\ndata: a\n\nid:\ndata: b\n\ndata: c\n\n',
    blocks: [{ data: 'a', id: '8' }, { data: 'b', id: '' }, { data: 'c' }],
  },
  ...['\0\0', 'b\0', '\0b', 'b\0b', ' \0'].map((id) => ({
    name: `the id ${JSON.stringify(id)} is none`,
    source: wpt('format-field-id-null.window'),
    stream: `id: ${id}\nretry: 150\ndata: a\n\ndata: b\n\n`,
    blocks: [{ data: 'a' }, { data: 'b' }],
    retries: [150],
  })),
  {
    name: 'names that are almost data, with NUL, capitals, dashes and spaces in them',
    source: wpt('format-field-parsing.any'),
    stream:
      'data:\0\ndata:  b\rData:no\ndata\0:no\ndata:c\r\0data:no\nda-ta:no\rdata_no\ndata:d\rdata:\r\n data:no\ndata:e\n\n',
    asIs: true,
    blocks: [{ data: '\0\n b\nc\nd\n\ne' }],
  },
  {
    name: 'a retry that is no number leaves the one before it',
    source: wpt('format-field-retry-bogus.any'),
    stream: 'retry:1500\nretry:500x\ndata:a\n\n',
    blocks: [{ data: 'a' }],
    retries: [1500],
  },
  {
    name: 'a retry without a value sets none',
    source: wpt('format-field-retry-empty.any'),
    stream: 'retry\ndata:a\n\n',
    blocks: [{ data: 'a' }],
  },
  {
    name: 'a retry sets the time',
    source: wpt('format-field-retry.any'),
    stream: 'retry:03000\ndata:a\n\n',
    blocks: [{ data: 'a' }],
    retries: [3000],
  },
  {
    name: 'unknown fields, lines without a colon and comments change nothing',
    source: wpt('format-field-unknown.any'),
    stream: 'data:a\n data\ndata\nelse:no\nsome words\n:a remark\ndata:b\n\n',
    blocks: [{ data: 'a\n\nb' }],
    comments: ['a remark'],
  },
  {
    name: 'one space after the colon goes, a tab stays',
    source: wpt('format-leading-space.any'),
    stream: 'data:\ta\rdata: \ndata:b\n\n',
    asIs: true,
    blocks: [{ data: '\ta\n\nb' }],
  },
  {
    name: 'CRLF, LF and a CR that is the blank line',
    source: wpt('format-newlines.any'),
    stream: 'data:a\r\ndata\ndata:b\r\n\r',
    asIs: true,
    blocks: [{ data: 'a\n\nb' }],
  },
  {
    name: 'NUL is data',
    source: wpt('format-null-character.any'),
    stream: 'data:\0\n\n',
    blocks: [{ data: '\0' }],
  },
  {
    name: 'what is read is UTF-8',
    source: wpt('format-utf-8.any'),
    stream: 'data:fine…\n\n',
    blocks: [{ data: 'fine…' }],
  },
]
