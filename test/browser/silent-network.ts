/** A way to the server on which streams can fall silent: they stay open, nothing comes any more, and nobody is told. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface SilentNetwork {
  readonly url: string
  /** Swallows what comes on the streams there are, and gives their number. Later connections work. */
  fallSilent(): number
  close(): void
}

/** A connection, and the last request line on it: a browser uses one for several requests. */
interface Line {
  near: Socket
  far: Socket
  request: string
}

export async function silentNetwork(port: number): Promise<SilentNetwork> {
  const lines = new Set<Line>()
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    const line = { near, far, request: '' }
    lines.add(line)
    near.on('data', (bytes) => {
      const [request = ''] = String(bytes).split('\r\n', 1)
      if (/^[A-Z]+ \//.test(request)) line.request = request
    })
    near.pipe(far).pipe(near)
    const end = (): void => {
      near.destroy()
      far.destroy()
      lines.delete(line)
    }
    for (const socket of [near, far]) socket.on('error', end).on('close', end)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fallSilent() {
      const streams = [...lines].filter(({ request }) => /^GET \/(sse|rooms\/[^/]+\/events)/.test(request))
      for (const { near, far } of streams) {
        far.unpipe(near)
        // Read and dropped: a full buffer would tell the server that something is wrong.
        far.resume()
      }
      return streams.length
    },
    close() {
      server.close()
      for (const { near, far } of lines) for (const socket of [near, far]) socket.destroy()
    },
  }
}
