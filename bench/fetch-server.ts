/** A room (`room-servers.ts`) on the HTTP server of whichever runs this: Deno's, Bun's, or on Node srvx. Says its port when it listens. */
import process from 'node:process'
import { getHeapSpaceStatistics } from 'node:v8'
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
  if (request.method !== 'POST')
    return request.url.endsWith('/young') ? Response.json(young()) : room.subscribe(request)
  const { data } = (await request.json()) as { data: string }
  await room.publish(data)
  return Response.json({}, { status: 201 })
}

/** Bytes that V8 keeps for what is young. */
const young = (): number =>
  getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')?.physical_space_size ?? 0

async function listen(): Promise<number> {
  const address = { hostname: '127.0.0.1', port: 0 }
  if (Deno) return Deno.serve({ ...address, onListen() {} }, fetch).addr.port
  if (Bun) {
    // Nobody is cut for being silent: that is not what is compared.
    const server = Bun.serve({
      ...address,
      fetch: (request: Request) => {
        server.timeout(request, 0)
        return fetch(request)
      },
    })
    return server.port
  }
  const { serve } = await import('srvx/node')
  const server = await serve({ ...address, fetch, silent: true, gracefulShutdown: false }).ready()
  return Number(new URL(server.url ?? '').port)
}

console.log(`listening on ${await listen()}`)
process.once('SIGTERM', () => process.exit()) // A profile is written on the way out.
