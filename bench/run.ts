// `npm run bench`: all of it, written to bench/results/latest.md. One part alone, on the screen only:
// `npm run bench -- format`, `-- workerd`, `-- node`, `-- deno`, `-- bun`, `-- relay`, `-- client`; with `--profile`, where the time of workerd and Node goes.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { benchClient } from './client.ts'
import { benchFormat } from './format.ts'
import { benchBun, benchDeno, benchNode } from './memory.ts'
import { profiles } from './profile.ts'
import { benchRelay } from './relay.ts'
import { type Part, progress, report } from './report.ts'
import { benchWorkerd } from './workerd.ts'

const PARTS: Record<string, () => Promise<Part>> = {
  format: benchFormat,
  workerd: benchWorkerd,
  node: benchNode,
  deno: benchDeno,
  bun: benchBun,
  relay: benchRelay,
  client: benchClient,
}
const RESULTS = 'bench/results/latest.md'
/** Milliseconds: whatever hangs, hangs no longer. */
const LONGEST = 1_800_000

const asked = process.argv.slice(2).filter((name) => name !== '--profile')
const profiling = process.argv.includes('--profile')
const unknown = asked.filter((name) => !Object.hasOwn(PARTS, name))
if (unknown.length > 0) {
  console.error(`Cannot measure ${unknown.join(', ')}: the parts are ${Object.keys(PARTS).join(', ')}`)
  process.exit(1)
}

// Servers and clients end with this process, however it ends: workerd at its `exit`, the others when their channel breaks.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))
setTimeout(() => {
  console.error(`Cannot measure: it is not done after ${LONGEST / 60_000} minutes`)
  process.exit(1)
}, LONGEST).unref()

const started = performance.now()
const isAsked = ([name]: [string, unknown]): boolean => asked.length === 0 || asked.includes(name)
if (profiling) for (const [, profile] of Object.entries(profiles).filter(isAsked)) console.log(await profile())
else await measure(Object.entries(PARTS).filter(isAsked))
progress(`done in ${((performance.now() - started) / 60_000).toFixed(1)} minutes`)

async function measure(wanted: [string, () => Promise<Part>][]): Promise<void> {
  const parts: Part[] = []
  for (const [, run] of wanted) parts.push(await run())
  const text = report(['npm run bench', ...(asked.length > 0 ? ['--', ...asked] : [])].join(' '), parts, versions())
  console.log(`\n${text}\n`)
  if (asked.length > 0) return
  mkdirSync('bench/results', { recursive: true })
  writeFileSync(RESULTS, `${text}\n`)
  progress(`written to ${RESULTS}`)
}

function versions(): Record<string, string> {
  const installed = (folder: string, name: string): string =>
    JSON.parse(readFileSync(`${folder}node_modules/${name}/package.json`, 'utf8')).version
  const rivals = Object.fromEntries(['better-sse', 'hono', 'h3'].map((name) => [name, installed('bench/', name)]))
  return { Node: process.versions.node, workerd: installed('', 'workerd'), ...rivals }
}
