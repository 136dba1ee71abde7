/** A way to the server that cuts the streams on it at a place in each; what is not asked for as a stream passes whole. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Cut } from './raw-socket.ts'

export interface CuttingNetwork {
  readonly url: string
  /** Streams that were asked for, the request head of each. */
  readonly asked: string[]
  close(): void
}

/**
 * The first stream of `path` is cut at the first place, the second at the second; the others are not. A place is a number of
 * bytes, or what stands there last. It is asked for by GET unless there are other `methods`.
 */
export async function cuttingNetwork(
  port: number,
  path: string,
  places: (number | RegExp)[],
  how: Cut,
  methods: string[] = ['GET'],
): Promise<CuttingNetwork> {
  const asked: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    let left = Number.POSITIVE_INFINITY
    let last: RegExp | undefined
    let seen = ''
    // A browser asks for a page and then for a stream on the same connection.
    near.on('data', (request) => {
      if (methods.some((method) => String(request).startsWith(`${method} ${path}`))) {
        const place = places[asked.push(String(request)) - 1]
        if (typeof place === 'number') left = place
        else last = place
      }
      far.write(request)
    })
    far.on('data', (piece) => {
      if (last) seen += piece.toString('latin1')
      const found = last?.exec(seen)
      if (found) left = piece.byteLength - (seen.length - found.index - found[0].length)
      near.write(piece.subarray(0, left))
      left -= piece.byteLength
      if (left > 0) return
      // What was written before a reset would be lost with it.
      if (how === 'reset') near.write('', () => near.resetAndDestroy())
      else near.end()
      far.destroy()
    })
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.on('error', () => {}).on('close', () => sockets.delete(one) && other.end())
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
