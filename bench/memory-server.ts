/**
 * A room on Node's own HTTP server, in one of four ways (the argument): a memory room, bare streams without anything
 * around them, and better-sse, over the same code for requests and responses, and over its own.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { createChannel, createResponse, createSession } from 'better-sse'
import { memoryRooms } from '../src/rooms/memory.ts'

interface Server {
  subscribe(request: Request, from: IncomingMessage, to: ServerResponse): Promise<Response> | Response | undefined
  publish(data: string): Promise<unknown> | undefined
}

const servers: Record<string, () => Server> = {
  'edge-sse': () => {
    const room = memoryRooms().get('lobby')
    return { subscribe: (request) => room.subscribe(request), publish: (data) => room.publish({ data }) }
  },
  control: () => {
    const encoder = new TextEncoder()
    const controllers = new Set<TransformStreamDefaultController<Uint8Array>>()
    return {
      subscribe: () => {
        const { readable } = new TransformStream<Uint8Array, Uint8Array>({
          start: (controller) => {
            controllers.add(controller)
            controller.enqueue(encoder.encode(': welcome\n\n'))
          },
        })
        return new Response(readable, { headers: { 'content-type': 'text/event-stream' } })
      },
      publish: (data) => {
        const bytes = encoder.encode(`data: ${data}\n\n`)
        for (const controller of controllers) {
          try {
            controller.enqueue(bytes)
          } catch {
            controllers.delete(controller) // Its reader has left.
          }
        }
        return undefined
      },
    }
  },
  'better-sse': () => {
    const channel = createChannel()
    return {
      subscribe: (request) => createResponse(request, (session) => void channel.register(session)),
      publish: (data) => void channel.broadcast(data),
    }
  },
  'better-sse on http': () => {
    const channel = createChannel()
    return {
      subscribe: (_, from, to) => {
        void createSession(from, to).then((session) => channel.register(session))
        return undefined
      },
      publish: (data) => void channel.broadcast(data),
    }
  },
}

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
