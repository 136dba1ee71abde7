/** The app on Node: `npm run start:node`. HTTP/2 with TLS. https://srvx.h3.dev */
import { serve as listen } from 'srvx/node'
import { serve } from './serve.ts'

await serve(async ({ fetch, hostname, port, tls }) => {
  const server = listen({
    fetch: (request) => fetch(request, request.ip),
    hostname,
    port,
    ...(tls && { tls, protocol: 'https' }),
    // A crowd that comes back at once must not wait for the kernel to try again: 511 by default.
    node: { backlog: 4_096, ...(tls && { http2: true }) },
    silent: true,
    gracefulShutdown: false, // Ours sends readers away first.
  })
  await server.ready()
  const { server: http } = server.node ?? {}
  return {
    port: Number(new URL(server.url ?? '').port),
    close() {
      // What is kept alive becomes idle one by one, as its answers end.
      setInterval(() => http && 'closeIdleConnections' in http && http.closeIdleConnections(), 50)
      return server.close()
    },
  }
})
