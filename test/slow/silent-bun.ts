/** A stream on Bun whose handler was copied into a server that hands it nothing but the request: `<port>`. */
import process from 'node:process'
import { eventStream } from '../../src/index.ts'

declare const Bun: { serve(options: object): { port: number } }

const { port } = Bun.serve({
  hostname: '127.0.0.1',
  port: Number(process.argv[2]),
  fetch: (request: Request) =>
    eventStream(request, async function* () {
      yield { data: 'before' }
      await new Promise((resolve) => setTimeout(resolve, 15_000))
      yield { data: 'after' }
    }),
})
console.log(`listening on ${port}`)
