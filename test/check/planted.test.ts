/** What is planted is found, and nothing else. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { constants, createGzip } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import {
  examined,
  faults,
  GOOD_HEAD,
  lastEventId,
  notes,
  says,
  saysAll,
  serve,
  serveBytes,
  tick,
  ticker,
} from './scripted.ts'

/** Gzip for who accepts it: `flush` after each piece, or when zlib sees fit. */
const gzipped =
  (isFlushed: boolean) => (request: IncomingMessage, response: ServerResponse, head: Record<string, string>) => {
    if (!String(request.headers['accept-encoding']).includes('gzip')) {
      response.writeHead(200, head)
      return (text: string) => void response.write(text)
    }
    response.writeHead(200, { ...head, 'content-encoding': 'gzip' }).flushHeaders()
    const gzip = createGzip()
    gzip.pipe(response)
    return (text: string) => {
      gzip.write(text)
      if (isFlushed) gzip.flush(constants.Z_SYNC_FLUSH)
    }
  }

/** A log of ten events, from which `from` makes the first that a reader gets who comes back. */
const logged =
  (from: (last: number) => number): RequestListener =>
  (request, response) => {
    response.writeHead(200, GOOD_HEAD).flushHeaders()
    const last = lastEventId(request)
    // What it cannot know it says.
    if (last > 10) response.write('event: gap\ndata: {}\n\n')
    const first = last === 0 || last > 10 ? 1 : from(last)
    for (let n = first; n <= 10; n++) response.write(tick(n))
  }

const never = (): boolean => false

/** Three steps, and the end. */
const job = (blocks: string[]) => saysAll(blocks.join(''))
const steps = [1, 2, 3].map((n) => `data: step ${n}\n\n`)

describe('a planted fault', () => {
  const planted: Record<
    string,
    { server: RequestListener; finds: string; limits?: object; options?: RequestListener }
  > = {
    'a wrong type': { server: ticker({ 'content-type': 'application/json' }), finds: 'error content-type' },
    'a type that is missing': {
      server: (request, response) => {
        response.removeHeader('content-type')
        const { 'content-type': _, ...head } = GOOD_HEAD
        ticker({}, { out: (_request, response) => writing(response, head) })(request, response)
      },
      finds: 'error content-type',
    },
    'gzip that holds events back': {
      server: ticker({}, { out: gzipped(false) }),
      finds: 'error compression',
      limits: { slack: 150, for: 1_000, enough: never },
    },
    'a head that waits for the first event': {
      server: (request, response) => void setTimeout(() => ticker()(request, response), 250),
      finds: 'warning first-byte',
      limits: { slack: 100 },
    },
    'no heartbeat': {
      server: says(`: hello\n\n${tick(1)}`),
      finds: 'warning heartbeat',
      limits: { silence: 200, for: 1_000, enough: never },
    },
    'a forged field': {
      server: ticker({}, { block: (n) => `id: ${n}\nevent: say\ndata: hi\nevent: admin\ndata: {"n":${n}}\n\n` }),
      finds: 'error forged-field',
    },
    'no preflight for Last-Event-ID': {
      server: ticker(),
      finds: 'error cors-last-event-id',
      options: (_, response) => response.writeHead(204, { 'access-control-allow-origin': '*' }).end(),
    },
    'a preflight that is refused': {
      server: ticker(),
      finds: 'error cors-last-event-id',
      options: (_, response) => response.writeHead(405).end(),
    },
    'ids that are all the same': { server: ticker({}, { block: () => tick(7) }), finds: 'error ids-repeat' },
    'ids that begin anew': { server: ticker({}, { block: (n) => tick(n % 3) }), finds: 'error ids-repeat' },
    'a resume that skips': { server: logged((last) => last + 2), finds: 'error resume' },
    'a resume that repeats': { server: logged((last) => last), finds: 'error resume' },
    'a resume that starts over': { server: logged(() => 1), finds: 'error resume' },
    'a resume that brings nothing': {
      server: logged(() => 11),
      finds: 'error resume',
      limits: { patience: 300 },
    },
    'a resume that brings no head': {
      server: (request, response) => void (lastEventId(request) || logged(() => 1)(request, response)),
      finds: 'error resume',
      limits: { patience: 300 },
    },
    'ids that are new each time': {
      server: ticker({}, { block: () => `id: ${crypto.randomUUID()}\ndata: tick\n\n` }),
      finds: 'error resume',
    },
    'a 503 to EventSource': {
      server: (_, response) => response.writeHead(503, { 'retry-after': '5' }).end(),
      finds: 'error eventsource-refused',
    },
    'a 404': { server: (_, response) => response.writeHead(404).end(), finds: 'error status' },
    'an end that runs the source again': {
      server: job(steps.map((step, n) => `id: ${n + 1}\n${step}`)),
      finds: 'error end',
    },
    'an end step by step that does': {
      server: async (_, response) => {
        response.writeHead(200, GOOD_HEAD)
        for (const step of steps) {
          response.write(step)
          await pause(20)
        }
        response.end()
      },
      finds: 'error end',
    },
    'an end without ids that does': { server: job(steps), finds: 'error end' },
  }
  it.each(Object.entries(planted))('is found: %s', async (name, { server, finds, limits, options }) => {
    const found = faults(await examined(await serve(server, options), limits))
    // What it cannot be without: such a stream does not resume either.
    const besides: Record<string, string[]> = {
      'an end that runs the source again': ['error resume'],
      'an end step by step that does': ['warning ids-absent'],
      'an end without ids that does': ['warning ids-absent'],
    }
    expect(found.filter((each) => !besides[name]?.includes(each))).toEqual([finds])
  })
})

const writing = (response: ServerResponse, head: Record<string, string>) => {
  response.writeHead(200, head)
  return (text: string) => void response.write(text)
}

describe('bad HTTP', () => {
  const HEAD =
    'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\nx-accel-buffering: no\r\n'
  const event = 'data: 1\n\n'
  const piece = `${event.length.toString(16)}\r\n${event}\r\n`
  it.each([
    ['chunks that are none', `${HEAD}transfer-encoding: chunked\r\n\r\n${piece}zz\r\n`, 'warning framing'],
    ['an end that is not said', `${HEAD}transfer-encoding: chunked\r\n\r\n${piece}`, 'warning end'],
    ['gzip that is none', `${HEAD}content-encoding: gzip\r\n\r\n${event}`, 'warning framing'],
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n', 'error answer'],
  ])('is found: %s', async (_, bytes, finds) => {
    const found = faults(await examined(await serveBytes(bytes)))
    expect(found).toContain(finds)
    expect(found.filter((each) => each.startsWith('error') && each !== finds)).toEqual([])
  })
  it('is noted where the end is that of the connection', async () => {
    expect(notes(await examined(await serveBytes(`${HEAD}\r\n${event}`)))).toContain('framing')
  })
})

describe('gzip', () => {
  it('is fine where each event is flushed', async () => {
    const report = await examined(await serve(ticker({}, { out: gzipped(true) })))
    expect(faults(report)).toEqual([])
    expect(report.unjudged.map(({ rule }) => rule)).not.toContain('compression')
  })
})
