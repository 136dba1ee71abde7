/** The servers whose rooms are on disk: what holds of one holds of all, but for what is named here. */
import { join, resolve } from 'node:path'
import process from 'node:process'
import { freePort, type ServerProcess, serveProcess } from '../serve-process.ts'
import { serveWorkerd } from '../workerd-serve.ts'

/** Starts the server of a room; `state` is a folder that outlives it. */
export type Serve = (terms: { state: string; port?: number; prefix?: string[] }) => Promise<ServerProcess>

export interface DiskServer {
  name: string
  serve: Serve
  /** Each room has a file of its own, which may be full while another is not. */
  fileEach: boolean
  /** System calls that answer and deliver, and are made for nothing else. */
  sends: string | undefined
}

const CONDITION = '--conditions=edge-sse-source'
const installed = resolve('scripts/runtimes/node_modules')

/** The binaries themselves: a signal to a wrapper would not reach them. */
const RUNTIMES = {
  node: [process.execPath, CONDITION],
  deno: [join(installed, 'deno/deno'), 'run', '--quiet', '-A', CONDITION],
  bun: [join(installed, 'bun/bin/bun.exe'), CONDITION],
}

/** Rooms in the file `rooms.db` of the folder. */
const serveSqlite =
  (runtime: string[]): Serve =>
  async ({ state, port: given, prefix = [] }) => {
    const port = given ?? (await freePort())
    const server = join(import.meta.dirname, 'sqlite-server.ts')
    const command = [...prefix, ...runtime, server, join(state, 'rooms.db'), String(port)]
    return serveProcess({ command, port, ready: 1 })
  }

export const servers: DiskServer[] = [
  { name: 'workerd', serve: serveWorkerd, fileEach: true, sends: 'writev' },
  ...Object.entries(RUNTIMES).map(([name, runtime]) => ({
    name,
    serve: serveSqlite(runtime),
    fileEach: false,
    sends: undefined,
  })),
]
