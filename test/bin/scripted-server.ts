/** A server that answers each request as it is told to, and keeps what it was sent. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

export interface Asked {
  method: string | undefined
  path: string | undefined
  headers: IncomingHttpHeaders
  body: string
}

/** `cut` closes the connection without a word, `hang` never answers, a function does what it does. */
export type Answer =
  | { status: number; headers?: Record<string, string>; body?: unknown }
  | 'cut'
  | 'hang'
  | ((response: ServerResponse) => void)

export interface ScriptedServer {
  url: string
  asked: Asked[]
  /** Resolves when so many have asked. */
  wasAsked(times: number): Promise<void>
}

/** What a room says. */
export const published = ({ body, headers }: Asked, duplicate = false): Answer => {
  const ids = body.split('\n').map((_, index) => `${index + 1}-aaaaaa`)
  const isBatch = headers['content-type'] === 'application/x-ndjson'
  return { status: 201, body: isBatch ? { ids, duplicate } : { id: ids[0], duplicate } }
}

/** A stream that says this, and then goes on, ends well, or is cut. */
export const stream =
  (text: string, then: 'open' | 'end' | 'cut' = 'open'): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    // What is cut would take with it what was not sent yet.
    response.write(text, () => {
      if (then === 'end') response.end()
      if (then === 'cut') setImmediate(() => response.destroy())
    })
  }

export async function scriptedServer(answer: (asked: Asked, index: number) => Answer): Promise<ScriptedServer> {
  const asked: Asked[] = []
  const waiting = new Set<() => void>()
  const server = createServer(async (request, response) => {
    const { method, url: path, headers } = request
    const one = { method, path, headers, body: await text(request) }
    asked.push(one)
    for (const look of waiting) look()
    const given = answer(one, asked.length - 1)
    if (typeof given === 'function') return given(response)
    if (given === 'cut') request.socket.destroy()
    if (given === 'cut' || given === 'hang') return
    response.writeHead(given.status, { 'content-type': 'application/json', ...given.headers })
    response.end(typeof given.body === 'string' ? given.body : JSON.stringify(given.body ?? {}))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/rooms/lobby/events`,
    asked,
    wasAsked: (times) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (asked.length >= times) resolve()
        }
        waiting.add(look)
        look()
      }),
  }
}

/** A URL where nobody listens. */
export async function closedPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}/`
}
