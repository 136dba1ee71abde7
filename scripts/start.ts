// `npm start`: the Worker with its rooms and pages, on this machine only and open to whoever sits at it, unless the
// environment says whom to let in. It follows changes of src. Why it is not `wrangler dev`: decisions/004-npm-start.md
import { once } from 'node:events'
import { existsSync, readdirSync, watch } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { Miniflare } from 'miniflare'
import { bundle } from './bundle.ts'
import { workerOptions } from './miniflare.ts'
import { accessOrExit, LOOPBACK, startBanner } from './start-access.ts'

// As `wrangler dev` does: the place for a secret that no commit should hold.
if (existsSync('.dev.vars')) process.loadEnvFile('.dev.vars')

const host = process.env.HOST ?? '127.0.0.1'
const port = Number(process.env.PORT ?? 8787)

const refuse = (text: string): never => {
  console.error(text)
  process.exit(1)
}

if (!LOOPBACK.includes(host))
  refuse(`Cannot start: HOST is "${host}", and npm start listens on this machine only.
Leave HOST unset, or use: npx wrangler dev --ip ${host} --var EDGE_SSE_SECRET:choose-one`)

if (!Number.isInteger(port) || port < 1 || port > 65_535)
  refuse(`Cannot start: PORT is "${process.env.PORT}", not a port`)

const access = await accessOrExit()

const probe = createServer().listen(port, host)
await Promise.race([
  once(probe, 'listening'),
  once(probe, 'error').then(([{ code }]) =>
    refuse(`Cannot start: port ${port} gives ${code}. Another one: PORT=8788 npm start`),
  ),
])
await new Promise((resolve) => probe.close(resolve))

const options = () =>
  workerOptions({
    host,
    port,
    vars: access.vars,
    state: '.wrangler/state/v3',
    bundle: bundle('.wrangler/start'),
  })
const miniflare = new Miniflare(options())
await miniflare.ready
console.log(`
  edge-sse is on http://localhost:${port}

${startBanner(`http://localhost:${port}`, access)}

  Rooms are kept in .wrangler/state, changes of src are followed. Ctrl+C stops.
`)

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => void miniflare.dispose().then(() => process.exit(0)))

const watched = new Set<string>()
let settled: ReturnType<typeof setTimeout> | undefined
watchFolders()

/** Folder by folder: a watch of single files loses those that an editor saves by putting a new one in their place. */
function watchFolders(): void {
  const entries = readdirSync('src', { recursive: true, withFileTypes: true })
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ parentPath, name }) => join(parentPath, name))
  for (const folder of ['src', ...folders].filter((name) => !watched.has(name))) {
    watched.add(folder)
    watch(folder, () => {
      clearTimeout(settled)
      settled = setTimeout(() => void follow(), 100)
    }).on('error', () => watched.delete(folder)) // It was removed.
  }
}

async function follow(): Promise<void> {
  watchFolders()
  try {
    await miniflare.setOptions(options())
    console.log('src has changed: running the new one')
  } catch {
    console.error('src has changed and does not build: still running the last one that did')
  }
}
