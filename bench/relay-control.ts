/** What everybody writes first: the model's response handed on as it is. Nothing is kept, checked, resumed or stopped. Says its port. */
import process from 'node:process'

const [upstream = ''] = process.argv.slice(2)
const { Bun } = globalThis as unknown as { Bun?: { serve(options: object): { port: number } } }

const fetchHandler = async (request: Request): Promise<Response> => {
  const { body } = await fetch(`${upstream}/chat/completions`, { method: 'POST', body: await request.text() })
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}

async function listen(): Promise<number> {
  const address = { hostname: '127.0.0.1', port: 0 }
  if (Bun) return Bun.serve({ ...address, idleTimeout: 0, fetch: fetchHandler }).port
  const { serve } = await import('srvx/node')
  const server = serve({ ...address, fetch: fetchHandler, silent: true, gracefulShutdown: false })
  await server.ready()
  return Number(new URL(server.url ?? '').port)
}

console.log(`listening on ${await listen()}`)
