// `npm run start:node`, `start:deno`, `start:bun`: the app with its pages on that runtime, open to this machine where
// there is no secret. Its rooms are in memory.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import process from 'node:process'
import { command, type ProcessRuntime } from './runtimes.ts'

// As `npm start` does: the place for a secret that no commit should hold.
if (existsSync('.dev.vars')) process.loadEnvFile('.dev.vars')

const runtime = process.argv[2] as ProcessRuntime
const access = process.env.EDGE_SSE_SECRET ? {} : { EDGE_SSE_ACCESS: 'open' }
const [file, ...args] = command(runtime, `src/runtimes/${runtime}.ts`)
const child = spawn(file, args, { stdio: 'inherit', env: { ...process.env, ...access } })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
child.once('error', ({ message }) => {
  console.error(`Cannot start ${runtime}: ${message}`)
  process.exit(1)
})
child.once('exit', (code) => process.exit(code ?? 1))
