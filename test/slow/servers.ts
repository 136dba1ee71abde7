/** The servers whose rooms are on disk: what holds of one holds of all, but for what is named here. */
import { join } from 'node:path'
import { type ProcessRuntime, command as runtimeCommand } from '../../scripts/runtimes.ts'
import { freePort, type ServerProcess, serveProcess } from '../serve-process.ts'
import { serveWorkerd } from '../workerd-serve.ts'

export interface ServeTerms {
  /** A folder that outlives it. */
  state: string
  port?: number
  prefix?: string[]
  /** What its environment says besides. Defaults to nothing: it is open to everyone. */
  env?: Record<string, string>
}

/** Starts the server of a room. */
export type Serve = (terms: ServeTerms) => Promise<ServerProcess>

export interface DiskServer {
  name: string
  serve: Serve
  /** Each room has a file of its own, which may be full while another is not. */
  fileEach: boolean
  /** System calls that answer and deliver, and are made for nothing else. */
  sends: string | undefined
}

/** The app as it is started, on rooms in the file `rooms.db` of the folder. */
const serveSqlite =
  (runtime: ProcessRuntime): Serve =>
  async ({ state, port: given, prefix = [], env: more = {} }) => {
    const port = given ?? (await freePort())
    const env = {
      ...more,
      EDGE_SSE_DATABASE: join(state, 'rooms.db'),
      EDGE_SSE_ACCESS: 'open',
      EDGE_SSE_DRAIN: '0',
      PORT: String(port),
    }
    const command = [...prefix, ...runtimeCommand(runtime, `src/runtimes/${runtime}.ts`)]
    return serveProcess({ command, env, port, ready: 1 })
  }

const serveObjects: Serve = ({ env = {}, ...terms }) =>
  serveWorkerd({ ...terms, vars: { EDGE_SSE_ACCESS: 'open', ...env } })

export const servers: DiskServer[] = [
  { name: 'workerd', serve: serveObjects, fileEach: true, sends: 'writev' },
  ...(['node', 'deno', 'bun'] as const).map((name) => ({
    name,
    serve: serveSqlite(name),
    fileEach: false,
    sends: undefined,
  })),
]
