/** What a message costs whoever reads it: `connect` beside other clients, on a stream as fast as they take it. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { command, type ProcessRuntime } from '../scripts/runtimes.ts'
import { type Part, progress } from './report.ts'
import { median } from './statistics.ts'

const MESSAGES = 100_000
/** Rounds of a launch after the one that warms up, and launches: readers take turns. */
const ROUNDS = 5
const LAUNCHES = 3
const WORKLOADS = { token: "a model's token", room: 'a message of a room' }
const READERS: [runtime: ProcessRuntime, name: string, readers: string[]][] = [
  [
    'node',
    'Node',
    [
      'connect',
      'fetch and parseMessages',
      'EventSource of edge-sse',
      'eventsource-client',
      'eventsource',
      'undici EventSource',
    ],
  ],
  ['deno', 'Deno', ['connect', 'eventsource-client']],
  ['bun', 'Bun', ['connect', 'eventsource-client']],
]

export async function benchClient(): Promise<Part> {
  const [file, ...args] = command('node', 'bench/client-server.ts')
  const server = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [line] = await once(createInterface({ input: server.stdout }), 'line')
    return await measure(`http://127.0.0.1:${/\d+$/.exec(line)?.[0]}`)
  } finally {
    server.kill()
  }
}

async function measure(server: string): Promise<Part> {
  const costs = new Map<string, number[]>()
  for (let launch = 1; launch <= LAUNCHES; launch++)
    for (const [runtime, name, readers] of READERS)
      for (const workload of Object.keys(WORKLOADS))
        for (const reader of readers) {
          progress(`Reading, launch ${launch} of ${LAUNCHES}: ${name}, ${reader}, ${workload}`)
          const [file, ...args] = command(runtime, 'bench/client-launch.ts')
          const { stdout } = await promisify(execFile)(
            file,
            [...args, reader, `${server}/${workload}`, `${MESSAGES}`, `${ROUNDS}`],
            { env: { ...process.env, NO_COLOR: '1' } },
          )
          const key = `${name} ${reader} ${workload}`
          costs.set(key, [...(costs.get(key) ?? []), median(JSON.parse(stdout))])
        }
  const cost = (name: string, reader: string, workload: string): number =>
    median(costs.get(`${name} ${reader} ${workload}`) ?? [])
  const part: Part = {
    title: 'Reading',
    notes: [
      `Nanoseconds of CPU for a message, user and kernel, in a process that does nothing else: medians of ${LAUNCHES} launches of ${ROUNDS} rounds of ${MESSAGES} messages, over loopback, taking turns. A round has a connection of its own.`,
    ],
    head: ['reader', ...Object.values(WORKLOADS)],
    rows: READERS.flatMap(([, name, readers]) =>
      readers.map((reader) => [
        `${name}, ${reader}`,
        ...Object.keys(WORKLOADS).map((workload) => cost(name, reader, workload).toFixed(0)),
      ]),
    ),
    targets: [],
  }
  for (const [, name] of READERS)
    for (const [workload, what] of Object.entries(WORKLOADS)) {
      const ratio = cost(name, 'eventsource-client', workload) / cost(name, 'connect', workload)
      part.targets.push({ what: `connect on ${name}, ${what}, times as fast as eventsource-client`, ratio, least: 1 })
    }
  return part
}
