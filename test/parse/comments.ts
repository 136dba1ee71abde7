/** Lines that begin with a colon. */
import { INTERPRETING, type ParseCase } from './parse-case.ts'

const long = 'x'.repeat(1500)

export const comments: ParseCase[] = [
  { name: 'a colon alone', stream: ':\n\n', blocks: [], comments: [''] },
  { name: 'a colon and a space', stream: ': \n\n', blocks: [], comments: [''] },
  { name: 'one space goes', stream: ':a\n: b\n:  c\n:\td\n\n', blocks: [], comments: ['a', 'b', ' c', '\td'] },
  {
    name: 'colons after the first',
    stream: '::\n:::\n: : a\n:a:b\n\n',
    blocks: [],
    comments: [':', '::', ': a', 'a:b'],
  },
  {
    name: 'fields in comments',
    stream: ':data: a\n: data: b\n:id: 1\n: retry: 5\n\n',
    blocks: [],
    comments: ['data: a', 'data: b', 'id: 1', 'retry: 5'],
  },
  {
    name: 'a comment in a block',
    stream: 'data: a\n: x\ndata: b\n:\n\n',
    blocks: [{ data: 'a\nb' }],
    comments: ['x', ''],
  },
  { name: 'a colon after a space begins none', stream: ' : a\n\t:b\ndata: c\n\n', blocks: [{ data: 'c' }] },
  {
    name: 'anything in a comment',
    stream: ': a\0b é😀 \u2028\ufeff\n\n',
    blocks: [],
    comments: ['a\0b é😀 \u2028\ufeff'],
  },
  { name: 'long ones', stream: `: ${long}\ndata: a\n:${long}\n\n`, blocks: [{ data: 'a' }], comments: [long, long] },
  {
    name: 'many of them',
    stream: `${':\n\n'.repeat(100)}data: a\n\n`,
    blocks: [{ data: 'a' }],
    comments: Array.from({ length: 100 }, () => ''),
  },
].map((each) => ({ ...each, source: INTERPRETING }))
