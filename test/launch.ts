/** The Worker as it is deployed, in real workerd on a port of its own, for tests over real sockets. */
import { Miniflare, type WorkerdStructuredLog } from 'miniflare'
import { type WorkerOptions, workerOptions } from '../scripts/miniflare.ts'
import type { Server } from './runtimes/runtime.ts'

export type { Server }

/** Starts the bundle of dist/worker (`node scripts/bundle.ts` makes it). Open to everyone unless `vars` say otherwise. */
export async function launch(
  vars: Record<string, string> = { EDGE_SSE_ACCESS: 'open' },
  options: WorkerOptions = {},
): Promise<Server> {
  const logs: string[] = []
  const handleStructuredLogs = ({ message }: WorkerdStructuredLog): void => void logs.push(message)
  const miniflare = new Miniflare({ ...workerOptions({ vars, ...options }), handleStructuredLogs })
  const { port } = await miniflare.ready
  return { url: `http://127.0.0.1:${port}`, port: Number(port), logs, close: () => miniflare.dispose() }
}
