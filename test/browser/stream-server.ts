/** Streams as they are, over HTTP: each is sent once in its chunks, and who comes back for it gets 204. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export class StreamServer {
  readonly #server: Server
  readonly #chunks = new Map<string, Uint8Array[]>()
  #count = 0
  /** By path: what whoever came back for it has sent as `Last-Event-ID`, `''` for none. */
  readonly lastEventIds = new Map<string, string>()

  constructor() {
    this.#server = createServer(async (request, response) => {
      const path = request.url ?? ''
      const chunks = this.#chunks.get(path)
      if (path === '/') {
        response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Streams</title>')
      } else if (chunks) {
        this.#chunks.delete(path)
        response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
        for (const chunk of chunks) {
          response.write(chunk)
          // One turn of the event loop each, so that the writes do not leave as one.
          await new Promise((resolve) => setImmediate(resolve))
        }
        response.end()
      } else {
        const header = request.headers['last-event-id'] ?? ''
        this.lastEventIds.set(path, Buffer.from(String(header), 'latin1').toString())
        response.writeHead(204).end()
      }
    })
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  /** The path at which they are. */
  add(chunks: Uint8Array[]): string {
    const path = `/streams/${++this.#count}`
    this.#chunks.set(path, chunks)
    return path
  }
}
