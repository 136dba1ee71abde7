/** `formatMessage` beside what others have for it: text alone, with every check on. */
import { formatMessage, type Message } from '../src/message.ts'
import { type Part, progress } from './report.ts'
import { type Format, rivalFormats } from './rival-formats.ts'
import { median } from './statistics.ts'

/** Many short rounds: a round in which somebody else had the core does not move the median. */
const ROUNDS = 161
const CALLS = 5_000

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

/** Adds up what was made, so that no engine finds out that nobody wants it. */
let made = 0

export async function benchFormat(): Promise<Part> {
  const rivals = await rivalFormats()
  const formats: Record<string, Format> = { 'edge-sse': formatMessage, ...rivals }
  const names = Object.keys(formats)
  const part: Part = {
    title: '`formatMessage`',
    notes: [
      `Nanoseconds for a message as text, no bytes made of it: medians of ${ROUNDS} rounds of ${CALLS} calls, taking turns. "Read" reads the text once, as whoever sends it does: V8 joins the pieces of a string only then.`,
      'better-sse writes JSON, and its text of several lines is therefore another; Hono is measured without the promise it makes for each message. An object costs everybody one `JSON.stringify`, which is the last column.',
    ],
    head: ['message', ...names, 'JSON alone'],
    rows: [],
    targets: [],
  }
  for (const read of [false, true])
    for (const [workload, list] of Object.entries(workloads)) {
      progress(`format: ${workload}${read ? ', read' : ''}`)
      const times = measure({ ...formats, json: ({ data }) => JSON.stringify(data) }, list, read)
      const figures = names.map((name) => times[name] as number)
      const [ours = 0, ...others] = figures
      const ratio = Math.min(...others) / ours
      const json = workload === 'an object' ? (times.json as number).toFixed(0) : ''
      part.rows.push([read ? `${workload}, read` : workload, ...figures.map((time) => time.toFixed(0)), json])
      const against = names[figures.indexOf(Math.min(...others))] as string
      if (read) continue
      const what = `formatMessage, ${workload}, times as fast as ${against}`
      part.targets.push({ what, ratio, least: 2 })
      if (!json) continue
      const aside = (Math.min(...others) - Number(json)) / (ours - Number(json))
      part.targets.push({ what: '… what all need for JSON.stringify left out', ratio: aside, least: 2 })
    }
  if (made === 0) throw new Error('Cannot measure: nothing was made')
  return part
}

/** Nanoseconds a call, by name. */
function measure(formats: Record<string, Format>, list: Message[], read: boolean): Record<string, number> {
  const times: Record<string, number[]> = Object.fromEntries(Object.keys(formats).map((name) => [name, []]))
  for (let round = -40; round < ROUNDS; round++)
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
