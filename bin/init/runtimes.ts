/** What a project has on each runtime: how it is started, tested, and what that needs. */
import type { Template } from './templates.ts'

export type RuntimeName = 'workers' | 'deno' | 'bun' | 'node'

export interface ProjectRuntime {
  name: RuntimeName
  /** As it is spoken of. */
  title: string
  /** What a person types. */
  commands: { install: string; start: string; test: string }
  /** Where it listens then. */
  url: string
  /** Of its package.json. */
  scripts?: Record<string, string>
  /** Packages it needs beside edge-sse, with the version that edge-sse was tested with. */
  needs: { dependencies?: string[]; devDependencies?: string[] }
  /** Packages that may run something when they are installed. */
  allowScripts?: string[]
  /** Of the test: what it imports, and a function that starts the handler. */
  test: { imports: (entry: string) => string[]; start: string; name: string }
}

/** A handler reads its folder and writes nothing. Types are an editor's: checked, they would ask for those of Node. */
const DENO = '--allow-net --allow-env --allow-read=. --unstable-no-legacy-abort'

export const runtimes: Record<RuntimeName, (entry: string) => ProjectRuntime> = {
  workers: () => ({
    name: 'workers',
    title: 'Workers',
    commands: { install: 'npm install', start: 'npm start', test: 'npm test' },
    url: 'http://localhost:8787',
    scripts: { start: 'wrangler dev', test: 'node --test' },
    needs: { devDependencies: ['wrangler'] },
    allowScripts: ['esbuild', 'workerd'],
    test: {
      imports: () => [
        "import { test } from 'node:test'",
        "import { unstable_startWorker as startWorker } from 'wrangler'",
      ],
      start: `/** In workerd, on a free port of this machine. */
async function start(): Promise<{ url: string; stop(): Promise<void> }> {
  const dev = { server: { hostname: '127.0.0.1', port: 0 }, inspector: false, watch: false, persist: false, logLevel: 'error' } as const
  const worker = await startWorker({ config: 'wrangler.toml', dev })
  return { url: (await worker.url).origin, stop: () => worker.dispose() }
}`,
      name: 'test',
    },
  }),
  deno: (entry) => ({
    name: 'deno',
    title: 'Deno',
    commands: { install: 'npm install', start: 'deno task start', test: 'deno task test' },
    url: 'http://localhost:8000',
    needs: {},
    test: {
      imports: (file) => [`import server from './${file}'`],
      start: `/** On a free port of this machine. */
function start(): { url: string; stop(): Promise<void> } {
  const listening = Deno.serve({ hostname: '127.0.0.1', port: 0, onListen() {} }, (request) => server.fetch(request))
  return { url: \`http://127.0.0.1:\${listening.addr.port}\`, stop: () => listening.shutdown() }
}`,
      name: 'Deno.test',
    },
    scripts: { start: `deno serve --host=127.0.0.1 ${DENO} ${entry}`, test: `deno test --no-check ${DENO}` },
  }),
  bun: (entry) => ({
    name: 'bun',
    title: 'Bun',
    commands: { install: 'bun install', start: 'bun run start', test: 'bun run test' },
    url: 'http://localhost:3000',
    scripts: { start: `HOST=127.0.0.1 bun ${entry}`, test: 'bun test' },
    needs: {},
    test: {
      imports: (file) => ["import { test } from 'bun:test'", `import server from './${file}'`],
      start: `/** On a free port of this machine. */
function start(): { url: string; stop(): Promise<void> } {
  const listening = Bun.serve({ fetch: server.fetch, hostname: '127.0.0.1', port: 0 })
  return { url: \`http://127.0.0.1:\${listening.port}\`, stop: () => listening.stop(true) }
}`,
      name: 'test',
    },
  }),
  node: (entry) => ({
    name: 'node',
    title: 'Node',
    commands: { install: 'npm install', start: 'npm start', test: 'npm test' },
    url: 'http://localhost:3000',
    scripts: { start: `srvx serve --prod --host=127.0.0.1 --entry=${entry}`, test: 'node --test' },
    needs: { dependencies: ['srvx'] },
    test: {
      imports: (file) => [
        "import { test } from 'node:test'",
        "import { serve } from 'srvx'",
        `import server from './${file}'`,
      ],
      start: `/** On a free port of this machine. */
async function start(): Promise<{ url: string; stop(): Promise<void> }> {
  const listening = serve({ fetch: (request) => server.fetch(request), hostname: '127.0.0.1', port: 0, silent: true })
  await listening.ready()
  return { url: new URL(listening.url ?? '').origin, stop: () => listening.close(true) }
}`,
      name: 'test',
    },
  }),
}

export const RUNTIMES = Object.keys(runtimes) as RuntimeName[]

/** Whether a template was seen to run there, installed and tested: `npm run test:slow` does. */
export const runsOn = (_template: Template): RuntimeName[] => RUNTIMES
