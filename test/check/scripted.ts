/** A stranger's server over a real socket, which does what a test has scripted, and what `check` finds at it. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { afterEach } from 'vitest'
import { type Examination, examine, type Report } from '../../bin/check/examine.ts'
import type { Finding } from '../../bin/check/finding.ts'
import { LIMITS, type Limits } from '../../bin/check/limits.ts'

export const GOOD_HEAD: Record<string, string> = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
  'access-control-allow-origin': '*',
}
const PREFLIGHT = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'Last-Event-ID' }

const open = new Set<Server | TcpServer>()
afterEach(async () => {
  for (const server of open) {
    if ('closeAllConnections' in server) server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  open.clear()
})

/** Gives its URL. It answers GET; preflights as it should. */
export async function serve(
  get: RequestListener,
  options: RequestListener = (_, response) => response.writeHead(204, PREFLIGHT).end(),
): Promise<string> {
  const server = createServer((request, response) => (request.method === 'OPTIONS' ? options : get)(request, response))
  return await listening(server)
}

/** One that writes these bytes to whoever connects. */
export async function serveBytes(bytes: string): Promise<string> {
  return await listening(
    createTcpServer(
      (socket) =>
        void socket
          .on('error', () => {})
          .resume()
          .end(bytes),
    ),
  )
}

async function listening(server: Server | TcpServer): Promise<string> {
  server.listen(0, '127.0.0.1')
  open.add(server)
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** Milliseconds after which a stream is watched no longer that has not shown what a test waits for. */
const WATCHED = 5_000

/** As many blocks have come. */
export const blocks =
  (count: number): NonNullable<Limits['enough']> =>
  ({ wire }) =>
    wire.blocks.length >= count

/** Of a ticker that is what there is to see: a few events. Of one that falls silent `limits` say it. */
export const examined = (url: string, limits: Partial<Limits> = {}, more: Partial<Examination> = {}): Promise<Report> =>
  examine({
    url: new URL(url),
    headers: {},
    origin: 'https://app.example',
    isMadeUp: true,
    limits: { ...LIMITS, for: WATCHED, enough: blocks(8), ...limits },
    signal: AbortSignal.timeout(15_000),
    ...more,
  })

/** `error forged-field`, the worst first. Notes are left out. */
export const faults = ({ findings }: Report): string[] =>
  findings.filter(({ severity }) => severity !== 'note').map(named)
export const notes = ({ findings }: Report): string[] =>
  findings.filter(({ severity }) => severity === 'note').map(({ rule }) => rule)
const named = ({ severity, rule }: Finding): string => `${severity} ${rule}`

export const lastEventId = (request: IncomingMessage): number => Number(request.headers['last-event-id'] ?? 0)

/** Says this, and stays silent. */
export const says =
  (text: string | Buffer, head: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    void response.writeHead(200, { ...GOOD_HEAD, ...head }).write(text)

/** Says this, and ends. */
export const saysAll =
  (text: string | Buffer, head: Record<string, string> = {}): RequestListener =>
  (_, response) => {
    response.writeHead(200, { ...GOOD_HEAD, ...head }).flushHeaders()
    response.end(text)
  }

/** Counts every few milliseconds from the id it was given, and beats between. */
export function ticker(
  head: Record<string, string> = {},
  { block = tick, first = (request: IncomingMessage) => lastEventId(request) + 1, out = plain } = {},
): RequestListener {
  return (request, response) => {
    const write = out(request, response, { ...GOOD_HEAD, ...head })
    let n = first(request)
    write(': hello\n\n')
    write(block(n++))
    const timer = setInterval(() => write(block(n++)), 20)
    response.on('close', () => clearInterval(timer))
  }
}

export const tick = (n: number): string => `id: ${n}\nevent: tick\ndata: {"n":${n}}\n\n`

type Write = (text: string) => void
const plain = (_: IncomingMessage, response: ServerResponse, head: Record<string, string>): Write => {
  response.writeHead(200, head)
  return (text) => void response.write(text)
}
