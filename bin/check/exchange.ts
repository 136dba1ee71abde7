/** One request over HTTP/1.1 and what comes back, byte by byte and with its times: nothing is hidden as by `fetch`. */
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import type { Transform } from 'node:stream'
import { constants, createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import { printable } from '../printable.ts'
import { isWithoutTls, WITHOUT_TLS } from '../retry.ts'
import { type Answer, type End, header, type NoAnswer } from './answer.ts'
import { Wire } from './wire.ts'

export interface Ask {
  method?: 'GET' | 'OPTIONS'
  url: URL
  headers: Record<string, string | string[]>
  /** Milliseconds that the head of the answer may take. */
  timeout: number
  /**
   * Until when the body is read, in milliseconds after the request: asked at its head, after each piece and at the time
   * it said last. What is past ends it.
   */
  until(answer: Answer, now: number): number
  signal: AbortSignal
}

/** Never throws for what a server does; rejects when `signal` aborts. */
export function exchange(ask: Ask): Promise<Answer | NoAnswer> {
  const { url, timeout, signal } = ask
  const isTls = url.protocol === 'https:'
  // As browsers have it: `Connection: keep-alive`. Each request has a connection of its own all the same.
  const agent = isTls ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true })
  const startedAt = performance.now()
  return new Promise<Answer | NoAnswer>((resolve, reject) => {
    let answer: Answer | undefined
    let finish = (_: End, flaw?: string): void => resolve({ failed: 'malformed', why: flaw ?? '' })
    const request = (isTls ? requestHttps : requestHttp)(url, {
      method: ask.method ?? 'GET',
      headers: ask.headers,
      agent,
      signal,
    })
    const late = setTimeout(() => {
      resolve({ failed: 'timeout', why: '' })
      request.destroy()
    }, timeout)
    request.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(late)
      if (signal.aborted) return reject(signal.reason)
      const isMalformed = error.code?.startsWith('HPE_') ?? false
      if (answer) finish('broken', isMalformed ? error.message : undefined)
      else resolve({ failed: isMalformed ? 'malformed' : 'connection', why: whyOf(error) })
    })
    request.on('response', (message) => {
      clearTimeout(late)
      answer = headOf(message, startedAt)
      finish = read(message, answer, ask, resolve)
    })
    request.on('upgrade', ({ statusCode, statusMessage }, socket) => {
      clearTimeout(late)
      socket.destroy()
      resolve({ failed: 'malformed', why: `${statusCode} ${statusMessage}, which was not asked for` })
    })
    request.end()
  }).finally(() => {
    agent.destroy()
    signal.throwIfAborted()
  })
}

function headOf(message: IncomingMessage, startedAt: number): Answer {
  const headers = new Map<string, string[]>()
  for (let index = 0; index < message.rawHeaders.length; index += 2) {
    const name = (message.rawHeaders[index] ?? '').toLowerCase()
    headers.set(name, [...(headers.get(name) ?? []), message.rawHeaders[index + 1] ?? ''])
  }
  const { statusCode: status = 0, httpVersion } = message
  const headAt = performance.now() - startedAt
  return {
    startedAt,
    status,
    headers,
    httpVersion,
    headAt,
    pieces: [],
    wire: new Wire(),
    end: 'stopped',
    endAt: headAt,
  }
}

function read(
  message: IncomingMessage,
  answer: Answer,
  { until }: Ask,
  resolve: (answer: Answer) => void,
): (end: End, flaw?: string) => void {
  const now = (): number => performance.now() - answer.startedAt
  const decoder = decoderOf(header(answer, 'content-encoding'))
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  const finish = (end: End, flaw?: string): void => {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    Object.assign(answer, { end, endAt: now(), ...(flaw === undefined ? {} : { flaw }) })
    resolve(answer)
    message.destroy()
    decoder?.destroy()
  }
  const look = (): void => {
    if (isOver) return
    clearTimeout(timer)
    const left = until(answer, now()) - now()
    if (left <= 0) finish('stopped')
    else timer = setTimeout(look, Math.ceil(left))
  }
  const take = (piece: Buffer): void => {
    if (isOver) return
    answer.wire.push(piece, now())
    answer.pieces.push({ at: now(), bytes: piece.byteLength, isInside: answer.wire.isInside })
    if (answer.wire.isFull) finish('full')
    else look()
  }
  if (decoder) {
    decoder.on('data', take)
    decoder.on('end', () => finish('ended'))
    decoder.on('error', (error) => finish('broken', error.message))
  }
  message.on('data', decoder ? (piece: Buffer) => decoder.write(piece) : take)
  message.on('end', () => (decoder ? decoder.end() : finish('ended')))
  message.on('error', () => finish('broken'))
  look()
  return finish
}

/** Gives out what it has at once, and takes a stream that was cut for what it is. */
function decoderOf(encoding: string | undefined): Transform | undefined {
  const finishFlush = constants.Z_SYNC_FLUSH
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip({ finishFlush })
  if (encoding === 'deflate') return createInflate({ finishFlush })
  if (encoding === 'br') return createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH })
  if (encoding === 'zstd') return createZstdDecompress({ finishFlush: constants.ZSTD_e_flush })
  return undefined
}

/** `connect ECONNREFUSED 127.0.0.1:1`; of a host with several addresses Node gives the code alone. */
const whyOf = (error: NodeJS.ErrnoException): string =>
  isWithoutTls(error.code, error.message)
    ? WITHOUT_TLS
    : printable(error.message || error.code || String(error), { atMost: 200 })
