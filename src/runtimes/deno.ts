/** The app on Deno: `npm run start:deno`. HTTP/2 with TLS. https://docs.deno.com/api/deno/~/Deno.serve */
import { serve } from './serve.ts'

/** What is used of Deno. */
declare const Deno: {
  serve(
    options: { hostname: string; port: number; cert?: string; key?: string; onListen(): void },
    handler: (request: Request, info: { remoteAddr: { hostname?: string } }) => Promise<Response>,
  ): { addr: { port: number }; shutdown(): Promise<void> }
}

await serve(({ fetch, hostname, port, tls }) => {
  const server = Deno.serve({ hostname, port, ...tls, onListen() {} }, (request, { remoteAddr }) =>
    fetch(request, remoteAddr.hostname),
  )
  return {
    port: server.addr.port,
    async close(answered) {
      await answered // A request's body cannot be read after that.
      await server.shutdown()
    },
  }
})
