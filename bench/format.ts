/** `formatMessage` beside what others have for it: text alone, with every check on. */
import { execFile } from 'node:child_process'
import process from 'node:process'
import { promisify } from 'node:util'
import type { Times } from './format-launch.ts'
import { type Part, progress } from './report.ts'
import { median } from './statistics.ts'

const LAUNCHES = 5
/** Many short rounds: a round in which somebody else had the core does not move the median. */
const ROUNDS = 61
const CALLS = 5_000

export async function benchFormat(): Promise<Part> {
  const launches: Times[][] = []
  for (let launch = 1; launch <= LAUNCHES; launch++) {
    progress(`format, launch ${launch} of ${LAUNCHES}`)
    launches.push(await measured())
  }
  const names = Object.keys(launches[0]?.[0]?.times ?? {})
  const part: Part = {
    title: '`formatMessage`',
    notes: [
      `Nanoseconds for a message as text, no bytes made of it: medians of ${LAUNCHES} launches, each the median of ${ROUNDS} rounds of ${CALLS} calls, taking turns; a ratio is the median of what each launch gave. "Read" reads the text once, as whoever sends it does: V8 joins the pieces of a string only then.`,
      'better-sse writes JSON, and its text of several lines is therefore another; Hono is measured without the promise it makes for each message. An object costs everybody one `JSON.stringify`, which is the last column.',
    ],
    head: ['message', ...names, 'JSON alone'],
    rows: [],
    targets: [],
  }
  for (const [index, { workload, read }] of (launches[0] ?? []).entries()) {
    const found = launches.map((launch) => launch[index] as Times)
    const figures = names.map((name) => median(found.map(({ times }) => times[name] as number)))
    const isObject = workload === 'an object'
    const json = isObject ? median(found.map((each) => each.json)).toFixed(0) : ''
    part.rows.push([read ? `${workload}, read` : workload, ...figures.map((time) => time.toFixed(0)), json])
    if (read) continue
    const [, ...others] = figures
    const against = names[figures.indexOf(Math.min(...others))] as string
    const what = `formatMessage, ${workload}, times as fast as ${against}`
    part.targets.push({ what, ratio: median(found.map((each) => ratio(each))), least: 2 })
    if (!isObject) continue
    const aside = median(found.map((each) => ratio(each, each.json)))
    part.targets.push({ what: '… what all need for JSON.stringify left out', ratio: aside, least: 2 })
  }
  return part
}

/** How many times as fast as the fastest of the others, with what all need left out. */
function ratio({ times }: Times, all = 0): number {
  const [ours = Number.NaN, ...others] = Object.values(times)
  return (Math.min(...others) - all) / (ours - all)
}

async function measured(): Promise<Times[]> {
  const file = new URL('format-launch.ts', import.meta.url).pathname
  const { stdout } = await promisify(execFile)(process.execPath, [file, `${ROUNDS}`, `${CALLS}`])
  return JSON.parse(stdout)
}
