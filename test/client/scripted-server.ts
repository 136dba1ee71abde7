/**
 * A server on two ports of this machine that answers as it was told: a script is put to `/scripts/<id>`, and attempts at
 * `/at/<id>` are answered by it, one after the other, then with 204. It tells what it saw, to pages of any origin too.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer, Ending, Piece, Seen } from './script.ts'

/** What is known of a script. */
interface Play {
  answers: Answer[]
  seen: Seen[]
  endings: Promise<Ending>[]
  /** Bytes that the kernel has taken, for each attempt. */
  taken: number[]
  releases: number
}

/** Milliseconds between two looks at what is waited for, and those after which a socket that takes nothing is full. */
const LOOK = 5
const FULL = 400

export interface ScriptedServer {
  /** Two origins, without a slash. */
  readonly url: string
  readonly other: string
  close(): Promise<void>
}

export async function startScriptedServer(): Promise<ScriptedServer> {
  const plays = new Map<string, Play>()
  const servers = [1, 2].map(() => createServer((request, response) => void serve(plays, request, response)))
  const [url = '', other = ''] = await Promise.all(servers.map(listen))
  const close = async (): Promise<void> => {
    for (const server of servers) {
      server.close()
      server.closeAllConnections()
    }
  }
  return { url, other, close }
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function serve(plays: Map<string, Play>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { origin = '*' } = request.headers
  response.setHeader('access-control-allow-origin', origin)
  if (origin !== '*') response.setHeader('access-control-allow-credentials', 'true')
  response.setHeader('access-control-expose-headers', 'retry-after')
  const [, what, id = '', ...path] = (request.url ?? '').split(/[/?]/)
  if (request.method === 'OPTIONS') {
    response.setHeader('access-control-allow-headers', request.headers['access-control-request-headers'] ?? '*')
    response.setHeader('access-control-allow-methods', request.headers['access-control-request-method'] ?? '*')
    response.writeHead(204).end()
    return
  }
  const body = Buffer.concat(await request.toArray()).toString('latin1')
  if (what === 'page') {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>page</title>')
  } else if (what === 'scripts' && request.method === 'PUT') {
    plays.set(id, { answers: JSON.parse(Buffer.from(body, 'latin1').toString()), ...nothing() })
    response.end('{}')
  } else {
    const play = plays.get(id)
    if (!play) response.writeHead(404).end()
    else if (what === 'at') await attempt(play, request, response, body)
    else response.end(JSON.stringify(await told(play, path, () => response.destroyed)))
  }
}

const nothing = (): Omit<Play, 'answers'> => ({ seen: [], endings: [], taken: [], releases: 0 })

/** `release`, or what is asked of the attempts once it is so: `requests/<least>`, `ending/<index>`, `full/<index>`. */
async function told(play: Play, [what, which]: string[], isGone: () => boolean): Promise<unknown> {
  const number = Number(which)
  if (what === 'release') return ++play.releases
  while (what === 'requests' ? play.seen.length < number : play.seen.length <= number) {
    if (isGone()) return undefined
    await sleep(LOOK)
  }
  if (what === 'requests') return play.seen
  if (what === 'ending') return play.endings[number]
  for (let before = -1; before !== play.taken[number]; await sleep(FULL)) before = play.taken[number] ?? 0
  return play.taken[number]
}

async function attempt(play: Play, request: IncomingMessage, response: ServerResponse, body: string): Promise<void> {
  const index = play.seen.length
  const { status = 200, headers, body: pieces = [], end = 'fin' } = play.answers[index] ?? { status: 204, headers: {} }
  let isSaid = false
  const gone = once(response, 'close')
  response.on('error', () => {}) // It is told as an ending.
  play.endings.push(gone.then(() => (isSaid ? 'finished' : 'left')))
  play.taken.push(0)
  play.seen.push({
    method: request.method ?? '',
    url:
      request.url
        ?.split('/')
        .slice(2)
        .join('/')
        .replace(/^[^/?]*/, '') ?? '',
    port: request.socket.localPort ?? 0,
    headers: request.headers as Record<string, string>,
    body,
  })
  if (status !== 'none') {
    response.writeHead(status, { connection: 'close', ...(headers ?? { 'content-type': 'text/event-stream' }) })
    response.flushHeaders()
  }
  const write = async (bytes: Uint8Array): Promise<void> => {
    const error = await Promise.race([new Promise((done) => response.write(bytes, done)), gone])
    if (!error) play.taken[index] = (play.taken[index] ?? 0) + bytes.byteLength
  }
  for (const piece of pieces) await say(piece, play, index, response, write)
  isSaid = end !== 'hang'
  if (end === 'fin') response.end()
  if (end === 'cut') response.socket?.end()
  if (end === 'reset') response.socket?.resetAndDestroy()
}

async function say(
  piece: Piece,
  play: Play,
  index: number,
  response: ServerResponse,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  if (typeof piece === 'string') return write(Buffer.from(piece))
  if ('bytes' in piece) return write(Uint8Array.from(piece.bytes))
  if ('gate' in piece) {
    while (play.releases === 0 && !response.destroyed) await sleep(LOOK)
    play.releases--
    return
  }
  const bytes = Buffer.from(piece.flood.repeat(Math.ceil(65_536 / piece.flood.length)))
  while (!response.destroyed && (play.taken[index] ?? 0) < piece.total) await write(bytes)
}
