/** A room as a web-standard handler, in the ways that are compared; the same file runs on Node, Deno and Bun. */
import { createChannel, createResponse } from 'better-sse'
import { createEventStream, H3 } from 'h3'
import { Hono } from 'hono'
import { type SSEStreamingApi, streamSSE } from 'hono/streaming'
import { memoryRooms } from '../src/rooms/memory.ts'

export interface RoomServer {
  subscribe(request: Request): Promise<Response> | Response
  /** Resolves when every reader was served, as far as the library knows. */
  publish(data: string): Promise<unknown> | undefined
}

export const PATH = '/rooms/lobby/events'
const WELCOME = ': welcome\n\n'

export const roomServers: Record<string, () => RoomServer> = {
  'edge-sse': () => {
    const room = memoryRooms().get('lobby')
    return { subscribe: (request) => room.subscribe(request), publish: (data) => room.publish({ data }) }
  },
  /** Bare streams: no log, no ids, no heartbeat, no bound on slow readers. */
  control: () => {
    const encoder = new TextEncoder()
    const controllers = new Set<TransformStreamDefaultController<Uint8Array>>()
    return {
      subscribe: () => {
        const { readable } = new TransformStream<Uint8Array, Uint8Array>({
          start: (controller) => {
            controllers.add(controller)
            controller.enqueue(encoder.encode(WELCOME))
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
  Hono: () => {
    const streams = new Set<SSEStreamingApi>()
    const app = new Hono().get(PATH, (context) =>
      streamSSE(context, async (stream) => {
        const left = new Promise<void>((resolve) => stream.onAbort(resolve))
        await stream.write(WELCOME)
        streams.add(stream)
        await left
        streams.delete(stream)
      }),
    )
    return {
      subscribe: (request) => app.fetch(request),
      publish: (data) => Promise.all(Array.from(streams, (stream) => stream.writeSSE({ data }))),
    }
  },
  h3: () => {
    const streams = new Set<ReturnType<typeof createEventStream>>()
    const app = new H3().get(PATH, (event) => {
      const stream = createEventStream(event)
      streams.add(stream)
      stream.onClosed(() => void streams.delete(stream))
      void stream.pushComment('welcome')
      return stream.send()
    })
    return {
      subscribe: (request) => app.fetch(request),
      publish: (data) => Promise.all(Array.from(streams, (stream) => stream.push(data))),
    }
  },
}
