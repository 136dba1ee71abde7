/**
 * `npm run bench -- workerd --profile`, `-- node --profile`: where the server's time goes with 1,000 readers, instead
 * of how much of it there is. workerd is looked at from outside, by `perf`, because nearly all it does is not JavaScript.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { startLoad, type Target } from './load.ts'
import type { Workload } from './load-client.ts'
import { serveMemory } from './memory.ts'
import { progress, table } from './report.ts'
import { serveRoom } from './workerd.ts'

const FOLDER = 'dist/profile'
const READERS = 1_000
const TOP = 40
const workloads: Record<string, Workload> = {
  'one publisher': { publishers: 1, milliseconds: 4_000 },
  '10 events/s': { publishers: 1, rate: 10, milliseconds: 4_000 },
  'sixteen publishers': { publishers: 16, milliseconds: 4_000 },
}

export const profiles: Record<string, () => Promise<string>> = {
  workerd: () => profileEach('workerd', serveRoom, profileNative),
  node: () =>
    profileEach(
      'node',
      (folder) => serveMemory('node', 'edge-sse', ['--cpu-prof', `--cpu-prof-dir=${folder}`]),
      async (_, folder, work) => {
        await work()
        return () => topFunctions(folder)
      },
    ),
}

/** Gives what makes the report, once the server has ended. */
type Profile = (pid: number, folder: string, work: () => Promise<unknown>) => Promise<() => string>

async function profileEach(
  part: string,
  serve: (folder: string) => Promise<Target>,
  profile: Profile,
): Promise<string> {
  const found: string[] = []
  for (const [name, workload] of Object.entries(workloads)) {
    progress(`profile: ${part}, ${name}`)
    const folder = `${FOLDER}/${part}-${name.replaceAll(/[^a-z0-9]+/g, '-')}-${Date.now()}`
    mkdirSync(folder, { recursive: true })
    const target = await serve(folder)
    const load = await startLoad(target)
    await load.open(READERS)
    const report = await profile(target.pid, folder, () => load.publish(workload))
    await load.close()
    await target.close()
    found.push(`## ${part}, ${READERS} readers, ${name}\n\n${report()}\n\nAll of it is in ${folder}`)
  }
  return found.join('\n\n')
}

/** All that a process does, also in the kernel. */
async function profileNative(pid: number, folder: string, work: () => Promise<unknown>): Promise<() => string> {
  const file = `${folder}/perf.data`
  const perf: ChildProcess = spawn('perf', ['record', '-g', '-F', '999', '-o', file, '-p', String(pid)], {
    stdio: 'ignore',
  })
  const ended = once(perf, 'exit').catch(() => {
    throw new Error('Cannot profile workerd: `perf` is not installed')
  })
  ended.catch(() => {})
  await work()
  perf.kill('SIGINT')
  await ended
  return () => `${topSymbols(file, '--no-children')}\n\nWith what they call:\n\n${topSymbols(file, '--children')}`
}

function topSymbols(file: string, children: string): string {
  const args = ['report', '-i', file, children, '--stdio', '-g', 'none', '-s', 'symbol']
  const rows = execFileSync('perf', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 2 ** 28 })
    .split('\n')
    .map((line) => /^ +([\d.]+)%(?: +[\d.]+%)? +\[(.)\] (.*?)(?: +- +-)? *$/.exec(line))
    .flatMap((found) => (found ? [[found[3] ?? '', found[2] === 'k' ? 'kernel' : '', found[1] ?? '']] : []))
    .filter(([symbol = '']) => !symbol.startsWith('0x'))
  return table(
    ['function', '', '%'],
    rows.slice(0, TOP).map(([symbol = '', ...rest]) => [symbol.slice(0, 120), ...rest]),
  )
}

interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[]
  samples: number[]
  timeDeltas: number[]
}

/** The functions of a Node process in which most time went by, without what they called; idle time left out. */
function topFunctions(folder: string): string {
  const [file = ''] = readdirSync(folder)
  const { nodes, samples, timeDeltas }: CpuProfile = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'))
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => {
      const place = url ? ` ${url.split('/').slice(-2).join('/')}:${lineNumber + 1}` : ''
      return [id, `${functionName || '(anonymous)'}${place}`]
    }),
  )
  const times = new Map<string, number>()
  for (const [index, id] of samples.entries()) {
    const name = names.get(id) ?? ''
    if (name !== '(idle)') times.set(name, (times.get(name) ?? 0) + (timeDeltas[index] ?? 0))
  }
  const all = [...times.values()].reduce((sum, time) => sum + time, 0)
  const top = [...times].sort(([, a], [, b]) => b - a).slice(0, TOP)
  return table(
    ['function', 'ms', '%'],
    top.map(([name, time]) => [name, (time / 1000).toFixed(0), ((time / all) * 100).toFixed(1)]),
  )
}
