/** A room of better-sse as it writes to the sockets of Node's own HTTP server, without a `Response` in between. Says its port. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createChannel, createSession } from 'better-sse'

const channel = createChannel()
const listening = createServer(async (from, to) => {
  if (from.method === 'POST') {
    channel.broadcast(JSON.parse(await text(from)).data)
    to.writeHead(201, { 'content-type': 'application/json' }).end('{}')
  } else channel.register(await createSession(from, to))
}).listen(0, '127.0.0.1', () => console.log(`listening on ${(listening.address() as AddressInfo).port}`))
