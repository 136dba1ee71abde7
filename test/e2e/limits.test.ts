/** How much anybody gets, and what it gets beyond that: rows of the corpus of bad input, and one for each limit. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { JWT_SECRET, tokenOf } from '../access/tokens.ts'
import { EventReader } from './event-reader.ts'
import { flags, launch, type Server } from './launch.ts'
import { exchange, type RawResponse, request } from './raw-socket.ts'
import { as, expectRefusal, type Refusal } from './refusal.ts'

type Lines = [string, string][]

const VARS = {
  EDGE_SSE_JWT_SECRET: JWT_SECRET,
  EDGE_SSE_LOG: 'requests',
  EDGE_SSE_ADDRESS_HEADER: 'X-Real-IP',
  EDGE_SSE_MAX_READERS: '3',
  EDGE_SSE_MAX_STREAMS_PER_ADDRESS: '4',
  EDGE_SSE_MAX_STREAMS_PER_SUBJECT: '5',
  EDGE_SSE_MAX_PUBLISHES: '100000',
  EDGE_SSE_MAX_PUBLISHES_PER_SUBJECT: '1',
  EDGE_SSE_MAX_ROOMS_PER_SUBJECT: '2',
}
const STRICT: [string, string] = ['Accept', 'text/event-stream, application/problem+json']
const NATIVE: [string, string] = ['Accept', 'text/event-stream']

let subjects = 0
/** Somebody who was not here before, and may do everything. */
const someone = async (claims: Record<string, unknown> = {}): Promise<[string, string]> => {
  const everything = { rooms: { '*': ['subscribe', 'publish'] }, can: ['publish', 'subscribe', 'admin'] }
  return ['Authorization', `Bearer ${await tokenOf({ claims: { sub: `s${++subjects}`, ...everything, ...claims } })}`]
}
let rooms = 0
const newRoom = (): string => `/rooms/room-${++rooms}/events`

let server: Server
const readers: EventReader[] = []
beforeAll(async () => {
  server = await launch(VARS)
})
afterAll(async () => {
  for (const reader of readers) reader.cut('fin')
  await server.close()
})

const open = async (target: string, lines: Lines, to = server): Promise<EventReader> => {
  const reader = await EventReader.open(to.port, target, lines)
  readers.push(reader)
  return reader
}
const post = (
  target: string,
  body: string,
  lines: Lines,
  type = 'application/json',
  to = server,
): Promise<RawResponse> => exchange(to.port, request('POST', target, [...lines, ['Content-Type', type]], body))
const linesOf = ({ logs }: Server, path: string): Record<string, unknown>[] =>
  logs
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
    .filter((entry) => entry.path === path)

/** A strict client gets a problem and the time to come back; a native one a stream that says so; each is one line of the log. */
async function refusesStream(
  target: string,
  lines: Lines,
  refusal: Refusal,
  limit: string,
  to = server,
): Promise<void> {
  const path = target.replace(/\?.*/, '')
  const before = linesOf(to, path).length
  const strict = await exchange(to.port, request('GET', target, [...lines, STRICT]))
  expectRefusal(strict, refusal)
  expect(strict.headers.get('retry-after')).toMatch(/^[1-9]\d*$/)
  const native = await open(target, [...lines, NATIVE], to)
  await native.untilEnd()
  expect([native.head.status, native.head.headers.get('content-type'), native.ended]).toEqual([
    200,
    'text/event-stream',
    'well',
  ])
  expect(native.events).toEqual([{ event: 'stream.busy', data: JSON.stringify({ code: refusal.slug }) }])
  expect(native.retries).toHaveLength(1)
  expect(native.retries[0]).toBeGreaterThanOrEqual(5_000)
  await expect.poll(() => linesOf(to, path).length).toBe(before + 2)
  for (const [index, entry] of linesOf(to, path).slice(before).entries())
    expect(entry).toEqual({
      level: 'warn',
      slug: refusal.slug,
      limit,
      status: index === 0 ? refusal.status : 200,
      method: 'GET',
      path,
    })
}

const tooMany = as(429, 'too-many-connections')

describe('20: streams', () => {
  it('of a room are as many as it takes, and one more as soon as one has left', async () => {
    const room = newRoom()
    const all = await Promise.all(Array.from({ length: 3 }, async () => open(room, [await someone()])))
    for (const reader of all) await reader.untilLive()
    await refusesStream(room, [await someone()], tooMany, 'readers')
    // Others are let in elsewhere, and those inside notice nothing.
    expect((await open(newRoom(), [await someone()])).head.status).toBe(200)
    expect(all.map(({ ended }) => ended)).toEqual([undefined, undefined, undefined])
    all[0]?.cut('reset')
    const who = await someone()
    await expect.poll(async () => (await open(room, [who])).head.status, { timeout: 20_000 }).toBe(200)
  })

  it('of an address are as many as one may have, whoever they are for', async () => {
    const from = (address: string): [string, string] => ['X-Real-IP', address]
    for (const target of [newRoom(), newRoom(), newRoom(), newRoom()])
      expect((await open(target, [await someone(), from('192.0.2.7')])).head.status).toBe(200)
    await refusesStream(newRoom(), [await someone(), from('192.0.2.7')], tooMany, 'streams-per-address')
    // What somebody else has put before it does not count, nor what nobody has named.
    await refusesStream(newRoom(), [await someone(), from('198.51.100.1, 192.0.2.7')], tooMany, 'streams-per-address')
    const other: [string, string] = ['X-Forwarded-For', '192.0.2.7']
    expect((await open(newRoom(), [await someone(), from('192.0.2.8'), other])).head.status).toBe(200)
    // Streams that need no right are counted apart: a quarter of them, and they take no place of the others.
    expect((await open('/sse', [from('192.0.2.7')])).head.status).toBe(200)
    await refusesStream('/text', [from('192.0.2.7')], tooMany, 'streams-per-address')
    expect((await open('/sse', [from('192.0.2.8')])).head.status).toBe(200)
    expect((await open(newRoom(), [await someone(), from('192.0.2.8')])).head.status).toBe(200)
    expect((await post(newRoom(), '{"data":1}', [await someone(), from('192.0.2.7')])).status).toBe(201)
  })

  it('of an address in IPv6 are those of its network', async () => {
    const from = (address: string): [string, string] => ['X-Real-IP', address]
    const openFrom = async (address: string): Promise<EventReader> => open(newRoom(), [await someone(), from(address)])
    for (const tail of [':1', ':2', ':ffff:1', 'a:b:c:d'])
      expect((await openFrom(`2001:db8:0:1:${tail}`)).head.status).toBe(200)
    await refusesStream(newRoom(), [await someone(), from('2001:DB8:0:1:9::1')], tooMany, 'streams-per-address')
    expect((await openFrom('2001:db8:0:2::1')).head.status).toBe(200)
  })

  it('of a subject are as many as one may have, from wherever', async () => {
    const who = await someone()
    for (let n = 0; n < 5; n++)
      expect((await open(newRoom(), [who, ['X-Real-IP', `203.0.113.${n}`]])).head.status).toBe(200)
    await refusesStream(newRoom(), [who, ['X-Real-IP', '203.0.113.9']], tooMany, 'streams-per-subject')
    expect((await open(newRoom(), [await someone(), ['X-Real-IP', '203.0.113.9']])).head.status).toBe(200)
  })

  it('that are refused, are heads or have ended, hold no place', async () => {
    const address: [string, string] = ['X-Real-IP', '192.0.2.99']
    const who = await someone()
    const room = newRoom()
    const bad = [
      request('GET', room, [address]),
      request('HEAD', room, [address, who]),
      request('GET', room, [address, who, ['Last-Event-ID', 'x'], STRICT]),
      request('GET', room, [address, who, ['Accept', 'application/xml']]),
      request('GET', room, [address, who, ['Last-Event-ID', '~end']]),
      request('GET', room, [address, who, ['Accept', 'application/x-ndjson']]),
      request('GET', '/download/nothing', [address]),
    ]
    for (let n = 0; n < 3; n++) for (const bytes of bad) await exchange(server.port, bytes)
    for (let n = 0; n < 4; n++) {
      // The end of an answer may be heard of a moment later than its reader has it.
      const another = await someone()
      await expect
        .poll(async () => (await open(newRoom(), [address, another])).head.status, { timeout: 20_000 })
        .toBe(200)
    }
  })
})

describe('20: a process', () => {
  it('takes as many streams as it is told, and answers everything else', async () => {
    const small = await launch({ EDGE_SSE_JWT_SECRET: JWT_SECRET, EDGE_SSE_MAX_STREAMS: '2' })
    const who = await someone()
    expect((await open('/sse', [], small)).head.status).toBe(200)
    await refusesStream('/text', [], as(503, 'overloaded'), 'streams', small)
    for (let n = 0; n < 2; n++) expect((await open('/rooms/lobby/events', [who], small)).head.status).toBe(200)
    await refusesStream('/rooms/lobby/events', [who], as(503, 'overloaded'), 'streams', small)
    for (const path of ['/', '/healthz', '/problems'])
      expect((await exchange(small.port, request('GET', path))).status).toBe(200)
    await small.close()
  })

  it.skipIf(!flags.metrics)('takes none while it uses more memory than it may', async () => {
    const small = await launch({ EDGE_SSE_ACCESS: 'open', EDGE_SSE_MAX_MEMORY: '1' })
    await refusesStream('/sse', [], as(503, 'overloaded'), 'memory', small)
    expect((await exchange(small.port, request('GET', '/healthz'))).status).toBe(200)
    await small.close()
  })
})

describe('74: publishes', () => {
  const batch = Array.from({ length: 1_000 }, (_, n) => `{"data":${n}}\n`).join('')
  const limited = as(429, 'rate-limited')
  const newest = async (room: string, who: [string, string]): Promise<string> =>
    JSON.parse(String((await exchange(server.port, request('GET', room.replace('/events', ''), [who]))).body)).newest

  it('of a subject in a room come at their rate, and those of others are not held up', async () => {
    const room = newRoom()
    const [who, other] = [await someone(), await someone()]
    const { status, body } = await post(room, batch, [who], 'application/x-ndjson')
    expect(status).toBe(201)
    const last = JSON.parse(String(body)).ids.at(-1)
    for (const [bytes, type] of [
      ['{"data":"more"}', 'application/json'],
      [batch, 'application/x-ndjson'],
    ] as const) {
      const answer = await post(room, bytes, [who], type)
      expectRefusal(answer, limited)
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    }
    expect(await newest(room, who)).toBe(last)
    await expect
      .poll(() => linesOf(server, room).filter(({ limit }) => limit !== undefined))
      .toEqual(
        Array(2).fill({
          level: 'warn',
          slug: 'rate-limited',
          limit: 'publishes-per-subject',
          status: 429,
          method: 'POST',
          path: room,
        }),
      )
    // It may speak elsewhere, and again where it has waited.
    expect((await post(newRoom(), '{"data":1}', [who])).status).toBe(201)
    await expect.poll(async () => (await post(room, '{"data":1}', [other])).status, { timeout: 10_000 }).toBe(201)
    await expect.poll(async () => (await post(room, '{"data":1}', [who])).status, { timeout: 10_000 }).toBe(201)
  })

  it('of all in a room come at its rate', async () => {
    const slow = await launch({ EDGE_SSE_JWT_SECRET: JWT_SECRET, EDGE_SSE_MAX_PUBLISHES: '1' })
    const room = newRoom()
    for (let n = 0; n < 5; n++)
      expect((await post(room, batch, [await someone()], 'application/x-ndjson', slow)).status).toBe(201)
    const answer = await post(room, batch, [await someone()], 'application/x-ndjson', slow)
    expectRefusal(answer, limited)
    // A thousand at one a second, less what has passed.
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(900)
    await expect.poll(() => linesOf(slow, room).map(({ limit }) => limit)).toEqual(['publishes'])
    expect((await post(newRoom(), batch, [await someone()], 'application/x-ndjson', slow)).status).toBe(201)
    await slow.close()
  })

  it('that are repeated under their key cost nothing', async () => {
    const room = newRoom()
    const lines: Lines = [await someone(), ['Idempotency-Key', 'k']]
    const ids = new Set<string>()
    for (let n = 0; n < 3; n++) ids.add(String((await post(room, batch, lines, 'application/x-ndjson')).status))
    expect([...ids]).toEqual(['201'])
  })

  it('bring so many rooms of a subject to life, and no more', async () => {
    const [who, other] = [await someone(), await someone()]
    const [first, second, third] = [newRoom(), newRoom(), newRoom()] as [string, string, string]
    for (const room of [first, second, first]) expect((await post(room, '{"data":1}', [who])).status).toBe(201)
    const refused = await post(third, '{"data":1}', [who])
    expectRefusal(refused, limited)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(1_000)
    await expect
      .poll(() => linesOf(server, third))
      .toEqual([
        { level: 'warn', slug: 'rate-limited', limit: 'rooms-per-subject', status: 429, method: 'POST', path: third },
      ])
    expectRefusal(await post('/progress', '{"steps":1}', [who]), limited)
    expect((await exchange(server.port, request('GET', third.replace('/events', ''), [who]))).status).toBe(404)
    expect((await post(third, '{"data":1}', [other])).status).toBe(201)
    expect((await post(third, '{"data":1}', [who])).status).toBe(201)
  })
})

describe('the log', () => {
  it('has one line for each request, where it is asked to, without what may be secret', async () => {
    const [name, value] = await someone()
    const room = newRoom()
    await post(`${room}?from=start`, '{"data":"hush"}', [
      [name, value],
      ['Cookie', 'session=hush'],
    ])
    await expect
      .poll(() => linesOf(server, room))
      .toEqual([{ level: 'info', status: 201, milliseconds: expect.any(Number), method: 'POST', path: room }])
    for (const line of server.logs) expect(line).not.toMatch(/hush|eyJ|[^\x20-\x7e]/)
  })
})

describe.skipIf(!flags.metrics)('/metrics', () => {
  it('tells what was done to who may know, and names nobody', async () => {
    const asked = (lines: Lines) => exchange(server.port, request('GET', '/metrics', lines))
    expectRefusal(await asked([]), as(401, 'unauthorized'))
    expectRefusal(await asked([await someone({ can: ['publish', 'subscribe'] })]), as(403, 'forbidden'))
    expectRefusal(await asked([await someone({ can: undefined, rooms: { '*': ['admin'] } })]), as(403, 'forbidden'))
    const { status, headers, body } = await asked([await someone()])
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(headers.get('content-type')).toMatch(/^text\/plain; version=/)
    const text = String(body)
    const read = (name: string): number =>
      Number(new RegExp(`^${name.replace(/[{}]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1])
    expect(read('edge_sse_publishes_total')).toBeGreaterThan(1_000)
    expect(read('edge_sse_streams')).toBeGreaterThan(0)
    for (const [slug, limit] of [
      ['too-many-connections', 'readers'],
      ['too-many-connections', 'streams-per-address'],
      ['too-many-connections', 'streams-per-subject'],
      ['rate-limited', 'publishes-per-subject'],
      ['rate-limited', 'rooms-per-subject'],
      ['unauthorized', ''],
    ])
      expect({ slug, limit, count: read(`edge_sse_refusals_total{slug="${slug}",limit="${limit}"}`) }).toEqual({
        slug,
        limit,
        count: expect.toSatisfy((count: number) => count >= 1),
      })
    const requests = text.split('\n').filter((line) => line.startsWith('edge_sse_request_duration_seconds_count'))
    for (const label of ['route="/rooms/:room/events"', 'method="POST"', 'status="201"'])
      expect(requests.filter((line) => line.includes(label))).not.toEqual([])
    expect(text).not.toMatch(/room-\d|192\.0\.2|"s\d+"/)
  })
})
