/** The examples that the specification itself gives. */
import { INTERPRETING, type ParseCase } from './parse-case.ts'

const source = `${INTERPRETING}, its examples`

export const examples: ParseCase[] = [
  {
    name: 'three lines of data are one message',
    source,
    stream: 'data: YHOO\ndata: +2\ndata: 10\n\n',
    blocks: [{ data: 'YHOO\n+2\n10' }],
  },
  {
    name: 'four blocks: a comment, an id, an id without a value, a second space',
    source,
    stream: ': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n',
    blocks: [{ data: 'first event', id: '1' }, { data: 'second event', id: '' }, { data: ' third event' }],
    comments: ['test stream'],
  },
  {
    name: 'four blocks, and the last without its blank line is none',
    source,
    stream: ': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event',
    blocks: [
      { data: 'first event', id: '1' },
      { data: 'second event', id: '' },
    ],
    comments: ['test stream'],
  },
  {
    name: 'data without a value: nothing, then one line end, then a block that never ends',
    source,
    stream: 'data\n\ndata\ndata\n\ndata:',
    blocks: [{ data: '' }, { data: '\n' }],
  },
  {
    name: 'with and without the space it is the same',
    source,
    stream: 'data:test\n\ndata: test\n\n',
    blocks: [{ data: 'test' }, { data: 'test' }],
  },
]
