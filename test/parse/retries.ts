/** The reconnection time: ASCII digits in base ten, and nothing else. */
import { INTERPRETING, type ParseCase } from './parse-case.ts'

const NUMBERS: [string, number][] = [
  ['retry: 1500', 1500],
  ['retry:7', 7],
  ['retry: 0', 0],
  ['retry: 010', 10],
  ['retry: 0000000000000000000000000000005', 5],
  ['retry: 9007199254740991', 9007199254740991],
]
const NO_NUMBERS = ['1x', 'x1', '-1', '+1', '1.5', '1e3', '0x10', ' 5', '5 ', '1 000', '1_000', '1,000', '5\t', '\t5']
const NO_ASCII = ['٣', '５', '१', '²', '5\0', '\x005', '\ufeff5', 'Infinity', 'NaN', 'null', '']

export const retries: ParseCase[] = [
  ...NUMBERS.map(([line, milliseconds]) => ({
    name: line,
    stream: `${line}\ndata: a\n\n`,
    blocks: [{ data: 'a' }],
    retries: [milliseconds],
  })),
  ...[...NO_NUMBERS, ...NO_ASCII].map((value) => ({
    name: `retry: ${JSON.stringify(value)} is not one`,
    stream: `retry: ${value}\ndata: a\n\n`,
    blocks: [{ data: 'a' }],
  })),
  { name: 'a bad one leaves the one before it', stream: 'retry: 5\n\nretry: 1x\n\n', blocks: [], retries: [5] },
  {
    name: 'each counts, also in one block',
    stream: 'retry: 5\nretry: 6\ndata: a\n\nretry: 7\n\n',
    blocks: [{ data: 'a' }],
    retries: [5, 6, 7],
  },
  { name: 'a retry makes no message', stream: 'retry: 5\n\nevent: x\nretry: 6\n\n', blocks: [], retries: [5, 6] },
].map((each) => ({ ...each, source: INTERPRETING }))
