// `npm run dev:miniflare`: the bundled Worker in workerd, as `npm start` runs it but without wrangler around it: no
// rebuilding, no proxy in between, a few milliseconds to start. Tests drive the same thing (`test/launch.ts`).
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { Log, LogLevel, Miniflare, type MiniflareOptions } from 'miniflare'

/** The Worker of dist/worker with its rooms and pages. `vars` are its environment variables, `state` a folder to keep. */
export const workerOptions = (vars: Record<string, string>, port = 0, state?: string): MiniflareOptions => ({
  host: '127.0.0.1',
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
          mainModule: 'workers.js',
          modulesRoot: process.cwd(),
          modules: { 'workers.js': { type: 'esm', contents: readFileSync('dist/worker/workers.js', 'utf8') } },
        },
        env: {
          ROOMS: { type: 'durable-object', worker: 'edge-sse', exportName: 'RoomObject' },
          ASSETS: { type: 'assets' },
          ...Object.fromEntries(Object.entries(vars).map(([name, value]) => [name, { type: 'text', value }])),
        },
        exports: { RoomObject: { type: 'durable-object', storage: 'sqlite' } },
        assets: { directory: 'demo', hasUserWorker: true, runWorkerFirst: true },
      },
    },
  ],
})

if (import.meta.main) {
  const url = await new Miniflare(workerOptions({ EDGE_SSE_ACCESS: 'open' }, 8787, '.wrangler/state/v3')).ready
  console.log(`edge-sse is on ${url}`)
}
