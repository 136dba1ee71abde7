// `npm run dev:miniflare`: the bundle of dist/worker in workerd, once, and nothing else: what to copy when you want a
// Worker with rooms in a program or a test of your own. `npm start` and `test/launch.ts` do the same with more around it.
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { Log, LogLevel, Miniflare, type MiniflareOptions } from 'miniflare'
import { modelVars } from './model-vars.ts'
import { orExit } from './or-exit.ts'

export interface WorkerOptions {
  /** Defaults to 127.0.0.1. */
  host?: string
  /** Environment variables of the Worker. */
  vars?: Record<string, string>
  /** Rate limits bound to it, by name: so many in a minute. */
  rates?: Record<string, number>
  /** Defaults to any that is free. */
  port?: number
  /** A folder that keeps the rooms. Defaults to none: they are gone when it stops. */
  state?: string
  /** Defaults to what `node scripts/bundle.ts` makes. */
  bundle?: string
}

/** A bundled Worker with its rooms and pages, as Miniflare wants it described. */
export const workerOptions = ({
  host = '127.0.0.1',
  vars = {},
  rates = {},
  port = 0,
  state,
  bundle = 'dist/worker/workers.js',
}: WorkerOptions): MiniflareOptions => ({
  host,
  port,
  cf: false,
  log: new Log(LogLevel.WARN),
  ...(state === undefined ? {} : { resourcePersistencePath: state }),
  workers: [
    {
      config: {
        name: 'edge-sse',
        compatibilityDate: '2026-11-17',
        manifest: {
          mainModule: 'worker.js',
          modulesRoot: process.cwd(),
          modules: { 'worker.js': { type: 'esm', contents: readFileSync(bundle, 'utf8') } },
        },
        env: {
          ROOMS: { type: 'durable-object', worker: 'edge-sse', exportName: 'RoomObject' },
          ASSETS: { type: 'assets' },
          ...Object.fromEntries(Object.entries(vars).map(([name, value]) => [name, { type: 'text', value }])),
          ...Object.fromEntries(Object.entries(rates).map(([name, limit]) => [name, rateLimit(name, limit)])),
        },
        exports: { RoomObject: { type: 'durable-object', storage: 'sqlite' } },
        assets: { directory: 'demo', hasUserWorker: true, runWorkerFirst: true },
      },
    },
  ],
})

const rateLimit = (name: string, limit: number) =>
  ({ type: 'rate-limit', namespace: name, simple: { limit, period: 60 } }) as const

if (import.meta.main) {
  const port = Number(process.env.PORT ?? 8787)
  const vars = { ...(await orExit(() => modelVars(process.env))), EDGE_SSE_ACCESS: 'open' }
  const options = workerOptions({ vars, port, state: '.wrangler/state/v3' })
  const url = await new Miniflare(options).ready
  console.log(`edge-sse is on ${url} and open to this machine. Ctrl+C stops.`)
}
