/**
 * The Worker as it is deployed, in plain `workerd serve` with nothing around it, its objects' state on disk: what can
 * be killed at any moment and started again on the same state, and measured without a proxy in front.
 * https://github.com/cloudflare/workerd/blob/main/src/workerd/server/workerd.capnp
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { freePort, type ServerProcess, serveProcess } from './serve-process.ts'

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

export type WorkerdServer = ServerProcess

/** The binary itself: a signal to a wrapper would not reach it. */
const workerd: string = createRequire(import.meta.url)('workerd').default

export async function serveWorkerd(options: ServeOptions = {}): Promise<WorkerdServer> {
  const { bundle = 'dist/worker/workers.js', object = 'RoomObject' } = options
  const { vars = { EDGE_SSE_ACCESS: 'open' }, prefix = [] } = options
  const folder = mkdtempSync(join(tmpdir(), 'edge-sse-workerd-'))
  const state = resolve(options.state ?? join(folder, 'state'))
  mkdirSync(state, { recursive: true })
  copyFileSync(bundle, join(folder, 'worker.js'))
  const port = options.port ?? (await freePort())
  writeFileSync(join(folder, 'config.capnp'), config({ object, vars, state, port }))

  return serveProcess({
    command: [...prefix, workerd, 'serve', join(folder, 'config.capnp'), '--control-fd=3'],
    port,
    ready: 3,
    tidy: () => rmSync(folder, { recursive: true, force: true }),
  })
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
    # The models of a test are on this machine.
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "worker")],
);
`

/** A string of Cap'n Proto's text format: quotes and backslashes are escaped there as in JSON. */
const quoted = (text: string): string => JSON.stringify(text)
