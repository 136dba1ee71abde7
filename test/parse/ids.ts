/** The last event ID: which blocks change it, and to what. */
import { INTERPRETING, type ParseCase } from './parse-case.ts'

export const ids: ParseCase[] = [
  { name: 'an id without data is the last one too', stream: 'id: 1\n\n', blocks: [{ id: '1' }] },
  {
    name: 'an id without data is that of the next message',
    stream: 'id: 1\n\ndata: a\n\n',
    blocks: [{ id: '1' }, { data: 'a' }],
  },
  {
    name: 'an id without data between messages',
    stream: 'id: 1\ndata: a\n\nid: 2\n\ndata: b\n\nid: 3\n\n',
    blocks: [{ data: 'a', id: '1' }, { id: '2' }, { data: 'b' }, { id: '3' }],
  },
  {
    name: 'an id with an event and no data',
    stream: 'event: x\nid: 1\n\ndata: a\n\n',
    blocks: [{ id: '1' }, { data: 'a' }],
  },
  { name: 'an id with a comment and no data', stream: ': x\nid: 1\n\n', blocks: [{ id: '1' }], comments: ['x'] },
  {
    name: 'an empty id without data',
    stream: 'id: 1\ndata: a\n\nid\n\ndata: b\n\n',
    blocks: [{ data: 'a', id: '1' }, { id: '' }, { data: 'b' }],
  },
  {
    name: 'an empty id with a colon',
    stream: 'id: 1\n\nid:\ndata: a\n\n',
    blocks: [{ id: '1' }, { data: 'a', id: '' }],
  },
  {
    name: 'an empty id with a space',
    stream: 'id: 1\n\nid: \ndata: a\n\n',
    blocks: [{ id: '1' }, { data: 'a', id: '' }],
  },
  { name: 'an id after its data', stream: 'data: a\nid: 1\n\n', blocks: [{ data: 'a', id: '1' }] },
  { name: 'the last of two ids', stream: 'id: 1\ndata: a\nid: 2\n\n', blocks: [{ data: 'a', id: '2' }] },
  { name: 'the last of two ids is empty', stream: 'id: 1\nid\ndata: a\n\n', blocks: [{ data: 'a', id: '' }] },
  { name: 'the last of two ids has NUL', stream: 'id: 1\nid: 2\0\ndata: a\n\n', blocks: [{ data: 'a', id: '1' }] },
  { name: 'the first of two ids has NUL', stream: 'id: \x001\nid: 2\ndata: a\n\n', blocks: [{ data: 'a', id: '2' }] },
  {
    name: 'an id with NUL leaves the one before it',
    stream: 'id: 1\ndata: a\n\nid: 2\0\ndata: b\n\nid:\0\n\n',
    blocks: [{ data: 'a', id: '1' }, { data: 'b' }],
  },
  {
    name: 'one space goes, the others stay',
    stream: 'id:  1\ndata: a\n\nid:\t2\ndata: b\n\n',
    blocks: [
      { data: 'a', id: ' 1' },
      { data: 'b', id: '\t2' },
    ],
  },
  { name: 'an id without a space', stream: 'id:1\ndata:a\n\n', blocks: [{ data: 'a', id: '1' }] },
  { name: 'an id of 0', stream: 'id: 0\ndata: a\n\n', blocks: [{ data: 'a', id: '0' }] },
  { name: 'an id of anything', stream: 'id: a:b, "é" 名😀\ndata: a\n\n', blocks: [{ data: 'a', id: 'a:b, "é" 名😀' }] },
  { name: 'a long id', stream: `id: ${'9'.repeat(600)}\ndata: a\n\n`, blocks: [{ data: 'a', id: '9'.repeat(600) }] },
  {
    name: 'an id that comes twice',
    stream: 'id: 1\ndata: a\n\nid: 1\ndata: b\n\n',
    blocks: [
      { data: 'a', id: '1' },
      { data: 'b', id: '1' },
    ],
  },
  {
    name: 'blocks of comments and of nothing change no id',
    stream: 'id: 1\ndata: a\n\n: x\n\n\nno\n\ndata: b\n\n',
    blocks: [{ data: 'a', id: '1' }, { data: 'b' }],
    comments: ['x'],
  },
].map((each) => ({ ...each, source: INTERPRETING }))
