// `npm run start:node`, `start:deno`, `start:bun`: the app with its pages on that runtime, open to this machine unless
// the environment says whom to let in. Its rooms are kept in .edge-sse/rooms.db.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { clientBundle } from './client-bundle.ts'
import { command, type ProcessRuntime } from './runtimes.ts'
import { accessOrExit, startBanner } from './start-access.ts'

// As `npm start` does: the place for a secret that no commit should hold.
if (existsSync('.dev.vars')) process.loadEnvFile('.dev.vars')

const access = await accessOrExit()

clientBundle()

const runtime = process.argv[2] as ProcessRuntime
const { EDGE_SSE_ACCESS: _, ...others } = process.env
const EDGE_SSE_DATABASE = process.env.EDGE_SSE_DATABASE ?? '.edge-sse/rooms.db'
if (EDGE_SSE_DATABASE.startsWith('.edge-sse/')) mkdirSync('.edge-sse', { recursive: true })
const [file, ...args] = command(runtime, `src/runtimes/${runtime}.ts`)
const child = spawn(file, args, {
  stdio: ['inherit', 'pipe', 'inherit'],
  env: { ...others, EDGE_SSE_DATABASE, ...access.vars },
})
createInterface({ input: child.stdout }).on('line', (line) => {
  console.log(line)
  const [, url] = /^edge-sse is on (\S+)$/.exec(line) ?? []
  if (url) console.log(`\n${startBanner(url, access)}\n`)
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
child.once('error', ({ message }) => {
  console.error(`Cannot start ${runtime}: ${message}`)
  process.exit(1)
})
child.once('close', (code) => process.exit(code ?? 1))
