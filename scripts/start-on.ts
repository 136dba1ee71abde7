// `npm run start:node`, `start:deno`, `start:bun`: the app with its pages on that runtime, open to this machine where
// there is no secret. Its rooms are kept in .edge-sse/rooms.db.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import process from 'node:process'
import { command, type ProcessRuntime } from './runtimes.ts'

// As `npm start` does: the place for a secret that no commit should hold.
if (existsSync('.dev.vars')) process.loadEnvFile('.dev.vars')

const runtime = process.argv[2] as ProcessRuntime
const access = process.env.EDGE_SSE_SECRET ? {} : { EDGE_SSE_ACCESS: 'open' }
const EDGE_SSE_DATABASE = process.env.EDGE_SSE_DATABASE ?? '.edge-sse/rooms.db'
if (EDGE_SSE_DATABASE.startsWith('.edge-sse/')) mkdirSync('.edge-sse', { recursive: true })
const [file, ...args] = command(runtime, `src/runtimes/${runtime}.ts`)
const child = spawn(file, args, { stdio: 'inherit', env: { ...process.env, EDGE_SSE_DATABASE, ...access } })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
child.once('error', ({ message }) => {
  console.error(`Cannot start ${runtime}: ${message}`)
  process.exit(1)
})
child.once('exit', (code) => process.exit(code ?? 1))
