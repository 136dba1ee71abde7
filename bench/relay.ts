/** A model's answer through the app, beside the model itself and a bare proxy: what a token costs, how late the first comes, what is written. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { command, type ProcessRuntime } from '../scripts/runtimes.ts'
import { cpuSeconds } from './process-usage.ts'
import { type Part, progress } from './report.ts'
import { median } from './statistics.ts'

/** Tokens of an answer, milliseconds between two of them, answers at once, and how often all of that is done. */
const LOAD = { tokens: 2_000, pace: 5, answers: 8, rounds: 3 }
/** What such a model is called, and one that says as much in a second. */
const AS_LOADED = `${LOAD.tokens}/${LOAD.pace}`
const FAST = `${LOAD.tokens}/0.5`
/** How often a first token is waited for. */
const FIRST = 100

interface Server {
  url: string
  pid: number
  close(): Promise<void>
}

interface Figures {
  /** Microseconds of CPU for a token. */
  cpu: number[]
  /** Milliseconds until the first token, and until that of the model itself, asked in turns. */
  first: number[]
  direct: number[]
}

export async function benchRelay(): Promise<Part> {
  const upstream = await start(command('node', 'bench/relay-upstream.ts'), {}, /listening on (\d+)/)
  const model = `${upstream.url}/v1`
  const providers = { measured: { baseUrl: model, models: [AS_LOADED, FAST, '1/0'] } }
  const folder = mkdtempSync(join(tmpdir(), 'edge-sse-bench-'))
  const app = (runtime: ProcessRuntime, database?: string): (() => Promise<Server>) => {
    const vars = { EDGE_SSE_ACCESS: 'open', LLM_PROVIDERS: JSON.stringify(providers), PORT: '0' }
    const kept = database === undefined ? {} : { EDGE_SSE_DATABASE: database }
    return () => start(command(runtime, `src/runtimes/${runtime}.ts`), { ...vars, ...kept }, /edge-sse is on (\S+)/)
  }
  const control = (runtime: ProcessRuntime) => () =>
    start([...command(runtime, 'bench/relay-control.ts'), model], {}, /listening on (\d+)/)
  const database = join(folder, 'rooms.db')
  const contestants: Record<string, () => Promise<Server>> = {
    'Node, memory': app('node'),
    'Node, SQLite': app('node', database),
    'Node, bare proxy': control('node'),
    'Bun, memory': app('bun'),
    'Bun, bare proxy': control('bun'),
  }
  const figures: Record<string, Figures> = {}
  try {
    for (let round = 1; round <= LOAD.rounds; round++)
      for (const [name, launch] of Object.entries(contestants)) {
        progress(`Relay, round ${round} of ${LOAD.rounds}: ${name}`)
        const server = await launch()
        const found = figures[name] ?? { cpu: [], first: [], direct: [] }
        figures[name] = found
        try {
          await answers(server.url, LOAD.answers, '1/0') // What is only warm afterwards.
          await firstTokens(server.url, model, found)
          await answers(server.url, LOAD.answers, FAST) // As in a server that has served: its code is compiled.
          const before = cpuSeconds(server.pid)
          await answers(server.url, LOAD.answers, AS_LOADED)
          found.cpu.push(((cpuSeconds(server.pid) - before) * 1e6) / (LOAD.answers * LOAD.tokens))
        } finally {
          await server.close()
        }
      }
    return part(figures, rowsOf(database))
  } finally {
    await upstream.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Rows that the longest answer has in the file. */
function rowsOf(file: string): number {
  const database = new DatabaseSync(file)
  const { rows } = database
    .prepare('SELECT max(n) AS rows FROM (SELECT count(*) AS n FROM frame GROUP BY room)')
    .get() as {
    rows: number
  }
  database.close()
  return rows
}

/** Reads so many answers at once, each to its end. */
const answers = async (url: string, count: number, model: string): Promise<void> => {
  await Promise.all(
    Array.from({ length: count }, async () => {
      const text = await (await ask(`${url}/v1/chat/completions`, model)).text()
      if (!text.includes('data: [DONE]')) throw new Error(`Cannot measure: an answer did not end\n${text.slice(-500)}`)
    }),
  )
}

async function firstTokens(url: string, model: string, { first, direct }: Figures): Promise<void> {
  for (let count = 0; count < FIRST; count++) {
    direct.push(await firstToken(`${model}/chat/completions`))
    first.push(await firstToken(`${url}/v1/chat/completions`))
  }
}

async function firstToken(url: string): Promise<number> {
  const began = performance.now()
  const { body } = await ask(url, '1/0')
  const decoder = new TextDecoder()
  let text = ''
  let milliseconds = 0
  for await (const bytes of body ?? []) {
    text += decoder.decode(bytes, { stream: true })
    if (milliseconds === 0 && text.includes('" token"')) milliseconds = performance.now() - began
  }
  return milliseconds
}

const ask = (url: string, model: string): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'Count.' }] }),
  })

async function start(
  [file, ...args]: [string, ...string[]],
  vars: Record<string, string>,
  banner: RegExp,
): Promise<Server> {
  const child: ChildProcess = spawn(file, args, {
    env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', ...vars },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = (): void => void child.kill('SIGKILL')
  process.once('exit', stop)
  const close = (): Promise<void> => {
    process.off('exit', stop)
    stop()
    return gone
  }
  for await (const line of createInterface({ input: child.stdout as NonNullable<typeof child.stdout> })) {
    const [, where] = banner.exec(line) ?? []
    if (where === undefined) continue
    return { url: where.startsWith('http') ? where : `http://127.0.0.1:${where}`, pid: child.pid as number, close }
  }
  throw new Error(`Cannot start ${args.join(' ')}`)
}

function part(figures: Record<string, Figures>, rows: number): Part {
  const of = (name: string): { cpu: number; first: number; direct: number; later: number } => {
    const { cpu, first, direct } = figures[name] as Figures
    return { cpu: median(cpu), first: median(first), direct: median(direct), later: median(first) - median(direct) }
  }
  const more = (runtime: 'Node' | 'Bun'): number => of(`${runtime}, memory`).cpu - of(`${runtime}, bare proxy`).cpu
  const target = (what: string, ratio: number, most: number, unit = ''): Part['targets'][number] => ({
    what,
    ratio,
    most,
    unit,
  })
  return {
    title: 'A model’s answer',
    notes: [
      `${LOAD.answers} answers at once of ${LOAD.tokens} tokens, one every ${LOAD.pace} ms, ${LOAD.rounds} rounds, each after as many answers at full speed. The bare proxy hands the model’s response on as it is: nothing is kept, checked, resumed or stopped. CPU is that of the server’s process, for a token; the first token is timed ${FIRST} times a round, in turns with the model itself. What comes within 50 ms is one row, so the bound on rows holds from ${1_000 / LOAD.pace} tokens a second on: a slower model writes more, one row every 50 ms at most, and never more than one for each token.`,
    ],
    head: ['server', 'CPU µs a token', 'first token ms', 'of the model itself', 'later by'],
    rows: Object.keys(figures).map((name) => {
      const { cpu, first, direct, later } = of(name)
      return [name, cpu.toFixed(1), first.toFixed(2), direct.toFixed(2), later.toFixed(2)]
    }),
    targets: [
      target('an answer of 2,000 tokens: rows written', rows, 200),
      target('a token through memory rooms on Node: CPU more than a bare proxy', more('Node'), 50, ' µs'),
      target('… on Bun', more('Bun'), 50, ' µs'),
      target('the first token later than the model’s, memory rooms on Node', of('Node, memory').later, 5, ' ms'),
      target('… on Bun', of('Bun, memory').later, 5, ' ms'),
      target('… SQLite rooms on Node: a commit more', of('Node, SQLite').later, 10, ' ms'),
    ],
  }
}
