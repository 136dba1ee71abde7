/**
 * Measures `formatMessage` beside what others have for it, once, in a process of its own: what V8 makes of code in a
 * process, it makes for good. Writes what it found to its standard output, as JSON.
 */
import process from 'node:process'
import { formatMessage, type Message } from '../src/message.ts'
import { type Format, rivalFormats } from './rival-formats.ts'
import { median } from './statistics.ts'

/** Rounds that count, and calls in one. */
const [ROUNDS = 1, CALLS = 1] = process.argv.slice(2).map(Number)

/** As they come out of a request or a log: parsed, not just put together, because V8 joins strings late. */
const messages = (make: (n: number) => Message): Message[] =>
  JSON.parse(JSON.stringify(Array.from({ length: 64 }, (_, n) => make(n))))

const workloads: Record<string, Message[]> = {
  'short text': messages((n) => ({ event: 'chat', id: `${n}-ab12cd`, data: `hello ${n}, how are you today?` })),
  'short text, four names': messages((n) => ({
    event: ['chat', 'join', 'leave', 'typing'][n % 4],
    id: `${n}-ab12cd`,
    data: `hello ${n}, how are you today?`,
  })),
  'an object': messages((n) => ({
    event: 'progress',
    id: `${n}-ab12cd`,
    data: { done: n, of: 100, step: 'compile', file: `src/module-${n}.ts` },
  })),
  'five lines': messages((n) => ({
    event: 'log',
    id: `${n}-ab12cd`,
    data: `line ${n} of a log\nits second line\nand a third one\n\nand the last`,
  })),
}

/** What one launch found. */
export interface Times {
  workload: string
  /** Whether the text was read too. */
  read: boolean
  /** Nanoseconds a call, by name. */
  times: Record<string, number>
  /** And of `JSON.stringify` alone. */
  json: number
}

/** Adds up what was made, so that no engine finds out that nobody wants it. */
let made = 0

/** Nanoseconds a call, by name. */
function measure(formats: Record<string, Format>, list: Message[], read: boolean): Record<string, number> {
  const times: Record<string, number[]> = Object.fromEntries(Object.keys(formats).map((name) => [name, []]))
  for (let round = -20; round < ROUNDS; round++)
    for (const [name, format] of Object.entries(formats)) {
      const time = read ? timeRead(format, list) : timeMade(format, list)
      if (round >= 0) times[name]?.push(time) // Before that it warms up.
    }
  return Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)]))
}

function timeMade(format: Format, list: Message[]): number {
  const start = performance.now()
  for (let call = 0; call < CALLS; call++) made += format(list[call % 64] as Message).length
  return ((performance.now() - start) / CALLS) * 1e6
}

function timeRead(format: Format, list: Message[]): number {
  const start = performance.now()
  for (let call = 0; call < CALLS; call++) made += format(list[call % 64] as Message).charCodeAt(9)
  return ((performance.now() - start) / CALLS) * 1e6
}

const formats: Record<string, Format> = { 'edge-sse': formatMessage, ...(await rivalFormats()) }
const found: Times[] = []
for (const read of [false, true])
  for (const [workload, list] of Object.entries(workloads)) {
    const { json = 0, ...times } = measure({ ...formats, json: ({ data }) => JSON.stringify(data) }, list, read)
    found.push({ workload, read, times, json })
  }
if (made === 0) throw new Error('Cannot measure: nothing was made')
console.log(JSON.stringify(found))
