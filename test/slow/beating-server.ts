/** A counter that resumes and beats every second: `beating-server.ts HOST`. Prints its port. */
import { once } from 'node:events'
import process from 'node:process'
import { serve } from 'srvx/node'
import { eventStream } from '../../src/index.ts'

const server = serve({
  hostname: process.argv[2] ?? '127.0.0.1',
  port: 0,
  silent: true,
  fetch: (request) =>
    eventStream(
      request,
      async function* ({ signal, lastEventId }) {
        // Three at once, and then nothing but what keeps the stream alive.
        const after = Number(lastEventId) || 0
        for (let n = after + 1; n <= after + 3; n++) yield { id: String(n), data: n }
        if (!signal.aborted) await once(signal, 'abort')
      },
      { heartbeat: 1_000, retry: 300 },
    ),
})
await server.ready()
console.log(new URL(server.url ?? '').port)
