/** A room (`room-servers.ts`) on the HTTP server that Deno or Bun has, whichever runs this. Says its port when it listens. */
import process from 'node:process'
import { roomServers } from './room-servers.ts'

interface Runtimes {
  Deno?: {
    serve(options: object, handler: (request: Request) => Promise<Response>): { addr: { port: number } }
  }
  Bun?: { serve(options: object): { port: number; timeout(request: Request, seconds: number): void } }
}
const { Deno, Bun } = globalThis as unknown as Runtimes

const room = roomServers[process.argv[2] ?? '']?.()
if (!room) throw new Error(`Cannot serve: there is no ${process.argv[2]}`)

const fetch = async (request: Request): Promise<Response> => {
  if (request.method !== 'POST') return room.subscribe(request)
  const { data } = (await request.json()) as { data: string }
  await room.publish(data)
  return Response.json({}, { status: 201 })
}

const listen = { hostname: '127.0.0.1', port: 0 }
if (Bun) {
  // Nobody is cut for being silent: that is not what is compared.
  const server = Bun.serve({
    ...listen,
    fetch: (request: Request) => {
      server.timeout(request, 0)
      return fetch(request)
    },
  })
  console.log(`listening on ${server.port}`)
} else console.log(`listening on ${Deno?.serve({ ...listen, onListen() {} }, fetch).addr.port}`)
