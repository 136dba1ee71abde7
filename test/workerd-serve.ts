/**
 * The Worker as it is deployed, in plain `workerd serve` with nothing around it, its objects' state on disk: what can
 * be killed at any moment and started again on the same state, and measured without a proxy in front.
 * https://github.com/cloudflare/workerd/blob/main/src/workerd/server/workerd.capnp
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

export interface ServeOptions {
  /** Defaults to what `node scripts/bundle.ts` makes. */
  bundle?: string
  /** A folder for the objects' SQLite. Defaults to a fresh one that goes when the server does. */
  state?: string
  /** Environment variables of the Worker. Defaults to a Worker that is open to everyone. */
  vars?: Record<string, string>
  /** Defaults to any that is free. */
  port?: number
  /** The class behind ROOMS. Defaults to `RoomObject`. */
  object?: string
  /** A command that is given workerd's as its arguments, and has to become it (`exec`): signals go to that process. */
  prefix?: string[]
}

export interface WorkerdServer {
  /** `http://127.0.0.1:<port>`, without a slash. */
  readonly url: string
  readonly port: number
  readonly pid: number
  /** What workerd and the Worker have written, a line each. */
  readonly logs: string[]
  /** SIGKILL. Resolves when it is gone; a `state` that was given stays as it is. */
  kill(): Promise<void>
  /** SIGTERM, and SIGKILL to one that still has streams open a second later. */
  close(): Promise<void>
}

/** The binary itself: a signal to a wrapper would not reach it. */
const workerd: string = createRequire(import.meta.url)('workerd').default

/** Milliseconds a server may take to answer, and to leave by itself. */
const PATIENCE = { start: 20_000, leave: 1_000 }

export async function serveWorkerd(options: ServeOptions = {}): Promise<WorkerdServer> {
  const { bundle = 'dist/worker/workers.js', object = 'RoomObject' } = options
  const { vars = { EDGE_SSE_ACCESS: 'open' }, prefix = [] } = options
  const folder = mkdtempSync(join(tmpdir(), 'edge-sse-workerd-'))
  const state = resolve(options.state ?? join(folder, 'state'))
  mkdirSync(state, { recursive: true })
  copyFileSync(bundle, join(folder, 'worker.js'))
  const port = options.port ?? (await freePort())
  writeFileSync(join(folder, 'config.capnp'), config({ object, vars, state, port }))

  const [command = '', ...args] = [...prefix, workerd, 'serve', join(folder, 'config.capnp'), '--control-fd=3']
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  const killNow = (): void => void child.kill('SIGKILL')
  const tidy = (): void => rmSync(folder, { recursive: true, force: true })
  const atExit = (): void => {
    killNow()
    tidy()
  }
  process.once('exit', atExit)
  const gone = new Promise<void>((done) => child.once('close', () => done())).then(() => {
    process.off('exit', atExit)
    tidy()
  })
  const logs: string[] = []
  for (const output of [child.stdout, child.stderr])
    createInterface({ input: output as Readable }).on('line', (line) => logs.push(line))

  // It says so on this descriptor as soon as its socket listens.
  const control = createInterface({ input: child.stdio[3] as Readable })
  const impatient = setTimeout(killNow, PATIENCE.start)
  const listens = await Promise.race([once(control, 'line').then(() => true), gone.then(() => false)])
  clearTimeout(impatient)
  if (!listens) throw new Error(`Cannot start workerd: it ended or did not listen\n${logs.join('\n')}`)

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal)
    const leaving = setTimeout(killNow, PATIENCE.leave)
    await gone
    clearTimeout(leaving)
  }
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    pid: child.pid as number,
    logs,
    kill: () => end('SIGKILL'),
    close: () => end('SIGTERM'),
  }
}

const config = ({ object, vars, state, port }: Required<Omit<ServeOptions, 'bundle' | 'prefix'>>): string => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = "2026-11-17",
      durableObjectNamespaces = [(className = ${quoted(object)}, uniqueKey = "edge-sse-${object}", enableSql = true)],
      durableObjectStorage = (localDisk = "state"),
      bindings = [
        (name = "ROOMS", durableObjectNamespace = ${quoted(object)}),
        (name = "ASSETS", service = "pages"),
        ${Object.entries(vars)
          .map(([name, text]) => `(name = ${quoted(name)}, text = ${quoted(text)}),`)
          .join('\n        ')}
      ],
    )),
    (name = "state", disk = (path = ${quoted(state)}, writable = true)),
    (name = "pages", disk = (path = ${quoted(resolve('demo'))})),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "worker")],
);
`

/** A string of Cap'n Proto's text format: quotes and backslashes are escaped there as in JSON. */
const quoted = (text: string): string => JSON.stringify(text)

/**
 * Below the ports that outgoing connections get: while a killed server is away, a client that dials its port could
 * otherwise be given that very port, and hold it.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    const probe = createServer().listen(port, '127.0.0.1')
    const free = await once(probe, 'listening').then(
      () => true,
      () => false,
    )
    if (!free) continue
    await new Promise((closed) => probe.close(closed))
    return port
  }
}
