/**
 * A room on Node's own HTTP server, in one of the ways of `room-servers.ts` (the argument), all over the same code for
 * requests and responses, or as better-sse writes to the socket itself.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { createChannel, createSession } from 'better-sse'
import { roomServers } from './room-servers.ts'

interface Server {
  subscribe(request: Request, from: IncomingMessage, to: ServerResponse): Promise<Response> | Response | undefined
  publish(data: string): Promise<unknown> | undefined
}

const onHttp = (): Server => {
  const channel = createChannel()
  return {
    subscribe: (_, from, to) => {
      void createSession(from, to).then((session) => channel.register(session))
      return undefined
    },
    publish: (data) => void channel.broadcast(data),
  }
}
const servers: Record<string, () => Server> = { ...roomServers, 'better-sse on http': onHttp }

async function answer(server: Server, from: IncomingMessage, to: ServerResponse): Promise<void> {
  if (from.method === 'POST') {
    const { data } = JSON.parse(await text(from))
    await server.publish(data)
    to.writeHead(201, { 'content-type': 'application/json' }).end('{}')
    return
  }
  const left = new AbortController()
  to.once('close', () => left.abort())
  const request = new Request(`http://${from.headers.host}${from.url}`, {
    headers: from.headers as Record<string, string>,
    signal: left.signal,
  })
  const response = await server.subscribe(request, from, to)
  if (response) await pipe(response, to, left.signal)
}

/** A response's body, chunk by chunk, waiting where the socket is full. */
async function pipe({ status, headers, body }: Response, to: ServerResponse, left: AbortSignal): Promise<void> {
  to.writeHead(status, Object.fromEntries(headers))
  const reader = (body as ReadableStream<Uint8Array>).getReader()
  left.addEventListener('abort', () => reader.cancel().catch(() => {}))
  for (;;) {
    const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined })) // Its reader has left.
    if (done || !value) break
    if (!to.write(value) && !left.aborted)
      await new Promise<void>((resolve) => {
        to.once('drain', resolve)
        to.once('close', resolve)
      })
  }
  to.end()
}

const server = servers[process.argv[2] ?? '']?.()
if (!server) throw new Error(`Cannot serve: there is no ${process.argv[2]}`)
const listening = createServer((from, to) => {
  answer(server, from, to).catch((error) => {
    console.error(error)
    to.destroy()
  })
}).listen(0, '127.0.0.1', () => process.send?.((listening.address() as AddressInfo).port))
process.once('disconnect', () => process.exit())
