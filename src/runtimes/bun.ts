/** The app on Bun: `npm run start:bun`. HTTP/2 with TLS. https://bun.com/docs/api/http */
import { keepOpen } from '../bun-idle.ts'
import { serve } from './serve.ts'

interface BunServer {
  port: number
  stop(): Promise<void>
  requestIP(request: Request): { address: string } | null
}

/** What is used of Bun. */
declare const Bun: {
  serve(options: {
    hostname: string
    port: number
    tls?: { cert: string; key: string }
    http2?: boolean
    maxRequestBodySize: number
    idleTimeout: number
    fetch(request: Request, server: BunServer): Promise<Response>
  }): BunServer
}

await serve(({ fetch, hostname, port, tls }) => {
  const server = Bun.serve({
    hostname,
    port,
    ...(tls && { tls, http2: true }),
    maxRequestBodySize: Number.MAX_SAFE_INTEGER, // Ours is lower, and says why.
    idleTimeout: 16, // Seconds, or up to 4 less. A body must be here in 10: ours is an answer, Bun's a cut.
    async fetch(request, self) {
      const response = await fetch(request, self.requestIP(request)?.address)
      keepOpen(request, response, self)
      return response
    },
  })
  return { port: server.port, close: () => server.stop() }
})
