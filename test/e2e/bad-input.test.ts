/**
 * What a stranger may ask and say, and the answer it gets: a row is one of the corpus of bad input. All over bare
 * sockets. Bodies that are bad as bodies are in `bad-body.test.ts`, batches in `bad-batch.test.ts`.
 */

import { once } from 'node:events'
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAccess } from '../../src/access/open.ts'
import { app } from '../../src/app.ts'
import { folderFiles } from '../../src/files/folder-files.ts'
import { memoryRooms } from '../../src/rooms/memory.ts'
import type { Published, RoomMessage, Rooms } from '../../src/rooms/room.ts'
import { EventReader, seqOf } from './event-reader.ts'
import { flags, launch, type Server } from './launch.ts'
import { exchange, type HeaderLines, RawSocket, request } from './raw-socket.ts'
import { as, CANARY, expectRefusal, type Refusal, SECRET, toLogEntry } from './refusal.ts'
import { eventsOf, RefusingServer } from './refusing-server.ts'
import { fill, history, info, publish, publishAll, range } from './room-client.ts'

const json = { 'Content-Type': 'application/json' }
const NDJSON = { Accept: 'application/x-ndjson' }
/** As a browser's EventSource asks, and as programs do that can read a refusal. */
const NATIVE = { Accept: 'text/event-stream' }
const STRICT = [{ Accept: 'text/event-stream, application/problem+json' }, { Accept: '*/*' }, {}]

interface BadInput extends Refusal {
  row: string
  input: string
  /** The request, about the room given. */
  bytes(room: string): Uint8Array
  /** Headers the answer has besides those of every refusal. */
  headers?: Record<string, string>
  /** What the log calls the path, where it is not that of the room's events. */
  path?(room: string): string
}

const post = (body: string | Uint8Array, headers: HeaderLines = json) => ({
  bytes: (room: string) => request('POST', `/rooms/${room}/events`, headers, body),
})
const get = (query: string, headers: HeaderLines = {}) => ({
  bytes: (room: string) => request('GET', `/rooms/${room}/events${query}`, headers),
})
const text = (value: unknown): string => JSON.stringify(value)
const around = (...bytes: number[]): Buffer =>
  Buffer.concat([Buffer.from(`{"data":"${CANARY}`), Buffer.from(bytes), Buffer.from('"}')])
/** A body whose JSON is nested `depth` deep. */
const nested = (depth: number): string => `{"data":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`

const eventName = (row: string, input: string, event: string): BadInput => ({
  row,
  input,
  ...post(text({ event, data: CANARY })),
  ...as(400, 'invalid-event-name'),
})

const refusals: BadInput[] = [
  eventName('01', 'a line feed in the event name', `a\ndata: ${CANARY}`),
  eventName('02', 'a carriage return in the event name', `a\rdata: ${CANARY}`),
  ...['\u202e', '\u2066', '\u200b', '\u200d', '\u200f', '\ufeff', '\u061c', '\u2028', '\u2029', '\0', '\x85'].map(
    (bad) => eventName('03', `U+${bad.charCodeAt(0).toString(16).padStart(4, '0')} in the event name`, `a${bad}b`),
  ),
  eventName('03', 'an event name of 129 bytes', `${'é'.repeat(64)}x`),
  ...[CANARY, null, 7].map((id) => ({
    row: '04',
    input: `an id ${text(id)} of one's own`,
    ...post(text({ id, data: CANARY })),
    ...as(400, 'id-not-accepted'),
  })),
  ...[nested(65), '['.repeat(1_000_000), `{"data":${'{"a":'.repeat(64)}1${'}'.repeat(65)}`].map((body) => ({
    row: '07',
    input: `JSON nested too deep, in ${body.length} bytes`,
    ...post(body),
    ...as(400, 'invalid-json'),
  })),
  ...[
    `{"data":"${CANARY}`,
    `{"data":"${CANARY}"}}`,
    '',
    ' ',
    'null',
    '[]',
    `[{"data":"${CANARY}"}]`,
    `"${CANARY}"`,
    '7',
    'true',
    '\0',
    `{'data':'${CANARY}'}`,
  ].map((body) => ({ row: '08', input: `the body ${text(body)}`, ...post(body), ...as(400, 'invalid-json') })),
  ...['stream.gap', 'stream.live', 'stream.', `stream.${CANARY}`].map((event) => ({
    row: '09',
    input: `the event name ${event}`,
    ...post(text({ event, data: CANARY })),
    ...as(400, 'reserved-event-name'),
  })),
  ...(
    [
      ['C3 28', around(0xc3, 0x28)],
      ['ED A0 80', around(0xed, 0xa0, 0x80)],
      ['C0 AF', around(0xc0, 0xaf)],
      ['FF', around(0xff)],
      ['a cut sequence', around(0xe2, 0x82)],
      ['"\\ud800" in data', Buffer.from(`{"data":"${CANARY}\\ud800"}`)],
      ['"\\udc00" deep in data', Buffer.from('{"data":[{"a":"\\udc00"}]}')],
      ['"\\ud800" in a key', Buffer.from('{"data":{"\\ud800":1}}')],
      ['"\\ud800" as event', Buffer.from('{"event":"\\ud800","data":1}')],
    ] as const
  ).map(([input, body]) => ({ row: '10', input: `not UTF-8: ${input}`, ...post(body), ...as(400, 'invalid-utf8') })),
  ...[
    { 'Content-Type': 'text/plain' },
    { 'Content-Type': 'application/x-www-form-urlencoded' },
    { 'Content-Type': `multipart/form-data; boundary=${CANARY}` },
    { 'Content-Type': 'text/json' },
    { 'Content-Type': 'application/json-patch+json' },
    {},
  ].map((headers: Record<string, string>) => ({
    row: '18',
    input: `a body of type ${headers['Content-Type']}`,
    ...post(text({ data: CANARY }), headers),
    ...as(415, 'unsupported-media-type'),
  })),
  ...STRICT.flatMap((accept) =>
    malformedIds().map(({ row, input, lines }) => ({
      row,
      input: `${input}, Accept: ${accept.Accept}`,
      ...get('', [...Object.entries(accept), ...lines]),
      ...as(400, 'invalid-last-event-id'),
    })),
  ),
  {
    row: '21',
    input: 'the same as ?lastEventId=',
    ...get(`?lastEventId=${CANARY}`),
    ...as(400, 'invalid-last-event-id'),
  },
  {
    row: '21',
    input: 'the same to HEAD',
    bytes: (room) => request('HEAD', `/rooms/${room}/events`, { 'Last-Event-ID': CANARY }),
    ...as(400, 'invalid-last-event-id'),
  },
  ...[
    'evil.example',
    'evil.example:8787',
    'localhost.evil.example',
    'localhost@evil.example',
    '127.0.0.2',
    '127.1',
  ].flatMap((host) =>
    [
      (room: string) => request('GET', `/rooms/${room}/events`, { Host: host, ...NATIVE }),
      (room: string) => request('POST', `/rooms/${room}/events`, { Host: host, ...json }, text({ data: CANARY })),
    ].map((bytes) => ({ row: '42', input: `Host: ${host}`, bytes, ...as(421, 'misdirected-host') })),
  ),
  ...['a%2Fb', 'a%00b', '%zz', '%ff', 'a%0Ab', 'a%20b', 'a;b', '%C3%BC', '..%2F', '%252e%252e', 'a%5Cb'].flatMap(
    (name) => roomRequests(name, '43', as(400, 'invalid-room')),
  ),
  // The URL parser turns these into other paths before anybody sees a room in them.
  ...(
    [
      ['a\\b', '/rooms/a/b', as(404, 'not-found'), as(404, 'not-found')],
      ['', '/rooms/', as(404, 'not-found'), as(404, 'not-found')],
      ['..', '', as(404, 'not-found'), as(404, 'not-found')],
      ['%2e%2e', '', as(404, 'not-found'), as(404, 'not-found')],
      // `/rooms/events`, a room of that name: it has nothing yet, and its info takes neither a post nor an event-stream.
      ['.', '/rooms', as(404, 'room-not-found'), as(405, 'method-not-allowed')],
      ['%2E', '/rooms', as(404, 'room-not-found'), as(405, 'method-not-allowed')],
    ] as const
  ).flatMap(([name, path, toGet, toPost]) => [
    {
      row: '43',
      input: `GET of the room ${text(name)}`,
      bytes: () => request('GET', `/rooms/${name}/events`),
      path: () => `${path}/events`,
      ...toGet,
    },
    {
      row: '43',
      input: `POST to the room ${text(name)}`,
      bytes: () => request('POST', `/rooms/${name}/events`, json, text({ data: CANARY })),
      path: () => `${path}/events`,
      ...toPost,
    },
  ]),
  ...roomRequests('r'.repeat(65), '44', as(400, 'invalid-room')),
  ...['TRACE', 'PUT', 'DELETE', 'PATCH'].map((method) => ({
    row: '60',
    input: method,
    bytes: (room: string) => request(method, `/rooms/${room}/events`),
    headers: { allow: 'GET, HEAD, POST, OPTIONS' },
    ...as(405, 'method-not-allowed'),
  })),
  ...['application/xml', 'text/html', 'text/event-stream;q=0', `text/${CANARY}`].map((Accept) => ({
    row: '61',
    input: `Accept: ${Accept}`,
    ...get('', { Accept }),
    ...as(406, 'not-acceptable'),
  })),
  ...[{}, { event: CANARY }].map((body) => ({
    row: '63',
    input: `the body ${text(body)}`,
    ...post(text(body)),
    ...as(400, 'invalid-message'),
  })),
  ...['', '""', 'k'.repeat(65), `"${'k'.repeat(65)}"`, `${CANARY}\x01`, 'a\tb', 'a\x7fb', `"${CANARY}\x1b[2J"`].map(
    (key) => ({
      row: '64',
      input: `the idempotency key ${text(key)}`,
      ...post(text({ data: 1 }), { ...json, 'Idempotency-Key': key }),
      ...as(400, 'invalid-idempotency-key'),
    }),
  ),
  ...['\n'.repeat(262_144), 'x'.repeat(262_144)].map((data) => ({
    row: '66',
    input: `256 KiB of ${text(data[0])}`,
    ...post(text({ data })),
    ...as(413, 'payload-too-large'),
  })),
  {
    row: '71',
    input: 'info of a room that does not exist',
    bytes: (room) => request('GET', `/rooms/${room}-not`),
    path: (room) => `/rooms/${room}-not`,
    ...as(404, 'room-not-found'),
  },
  ...[
    '{"event":5,"data":1}',
    '{"event":null,"data":1}',
    '{"event":["a"],"data":1}',
    '{"event":{"a":1},"data":1}',
    '{"event":true,"data":1}',
    `{"data":1,"${CANARY}":1}`,
    '{"data":1,"retry":1}',
    '{"data":1,"__proto__":{"event":"x"}}',
    '{"data":1,"constructor":1}',
    '{"data":1,"Event":"x"}',
  ].map((body) => ({ row: '72', input: `the body ${body}`, ...post(body), ...as(400, 'invalid-message') })),
  ...['from=abc', 'from=-1', 'from=1.5', 'from=', 'from=1e3', 'from=9999999999999999', `from=${CANARY}`].map(
    (query) => ({
      row: '75',
      input: `?${query}`,
      ...get(`?${query}`),
      ...as(400, 'invalid-parameter'),
    }),
  ),
  ...['limit=0', 'limit=-1', 'limit=1e3', 'limit=', `limit=${CANARY}`, 'limit=9999999999999999', 'limit=1.5']
    .concat([
      'after=',
      `after=${CANARY}`,
      'after=1',
      'after=-1',
      'after=1-ABCDEF',
      'after=01-abcdef',
      'after=1-abcdefg',
    ])
    .map((query) => ({ row: '75', input: `?${query}`, ...get(`?${query}`, NDJSON), ...as(400, 'invalid-parameter') })),
  ...['~x', '%7Ex', '~answer-1', '~'].flatMap((name) => roomRequests(name, '77', as(404, 'room-not-found'))),
]

/** Ids that no room ever gave, as the header lines that bring them. */
function malformedIds(): { row: string; input: string; lines: [string, string][] }[] {
  const bad = (row: string, ...ids: string[]) =>
    ids.map((id) => ({
      row,
      input: `Last-Event-ID: ${id.slice(0, 30)}`,
      lines: [['Last-Event-ID', id]] as [string, string][],
    }))
  return [
    ...bad('21', `'; DROP TABLE ${CANARY}`),
    ...bad('22', CANARY.repeat(911)), // 8 kB
    ...bad('26', '-1', '1e3', '0x1', '18446744073709551616', '18446744073709551616-abcdef', '9007199254740992-abcdef'),
    ...bad(
      '26',
      '-1-abcdef',
      '01-abcdef',
      '1-ABCDEF',
      '1-abcde',
      '1-abcdefg',
      '1.5-abcdef',
      '0-abcdef',
      '00',
      '٣-abcdef',
    ),
    {
      row: '67',
      input: 'two Last-Event-ID headers',
      lines: [
        ['Last-Event-ID', '1-abcdef'],
        ['Last-Event-ID', '2-abcdef'],
      ],
    },
  ]
}

/** Everything that can be asked of a room of that name. */
function roomRequests(name: string, row: string, refusal: Refusal): BadInput[] {
  const body = text({ data: CANARY })
  return [
    ['GET', `/rooms/${name}`, {}],
    ['HEAD', `/rooms/${name}`, {}],
    ['GET', `/rooms/${name}/events`, NATIVE],
    ['HEAD', `/rooms/${name}/events`, {}],
    ['GET', `/rooms/${name}/events`, NDJSON],
    ['POST', `/rooms/${name}/events`, json],
  ].map(([method, path, headers]) => ({
    row,
    input: `${method} ${path} ${text(headers)}`,
    bytes: () =>
      request(method as string, path as string, headers as HeaderLines, method === 'POST' ? body : undefined),
    path: () => path as string,
    ...refusal,
  }))
}

describe('bad input', () => {
  let server: RefusingServer

  beforeAll(async () => {
    server = await RefusingServer.launch()
  })
  afterAll(() => server.close())

  describe.each(refusals)('row $row: $input', ({ row, bytes, status, slug, headers = {}, path }) => {
    it(`is refused with ${status} ${slug}, and changes nothing`, async () => {
      const response = await server.refuseIn(`row-${row}`, bytes, { status, slug }, path)
      for (const [name, value] of Object.entries(headers)) expect(response.headers.get(name)).toBe(value)
    })
  })

  it('row 05: keeps data that looks like fields as data, and one event', async () => {
    const room = 'row-05'
    const reader = await EventReader.open(server.port, `/rooms/${room}/events`)
    await reader.untilLive()
    const data = [
      'x\n\nevent: admin\ndata: y',
      'id: 9\n\n: comment\nretry: 1\n\n',
      '\n',
      '',
      'a\r\nb\rc\nd',
      '\ufeffx\0y',
    ]
    for (const value of data) expect((await server.send(post(text({ data: value })).bytes(room))).status).toBe(201)
    await reader.until('all of it', () => reader.published.length === data.length)
    expect(reader.published.map(({ event, data }) => ({ event, data }))).toEqual(
      data.map((value) => ({ event: undefined, data: value.replace(/\r\n|\r/g, '\n') })),
    )
    reader.cut('fin')
  })

  it('row 06: takes __proto__ inside data as any other key', async () => {
    const body = '{"data":{"__proto__":{"event":"admin","polluted":true},"constructor":{"prototype":{"id":"9"}}}}'
    const response = await server.send(post(body).bytes('row-06'))
    expect(response.status).toBe(201)
    expect(JSON.parse(String(response.body))).toEqual({
      id: expect.stringMatching(/^1-[0-9a-z]{6}$/),
      room: 'row-06',
      durable: flags.durable,
      duplicate: false,
    })
    const [{ event, data }] = (await history(server.url, 'row-06')) as [RoomMessage]
    expect({ event, data }).toEqual({ event: undefined, data: body.slice('{"data":'.length, -1) })
    expect((await info(server.url, 'row-06'))?.count).toBe(1)
  })

  it('row 07: takes JSON of 64 levels, and any brackets in a string', async () => {
    for (const body of [nested(64), text({ data: '[{"'.repeat(1000) })])
      expect((await server.send(post(body).bytes('row-07-good'))).status).toBe(201)
  })

  it('row 14: refuses a key that was used for another message, and gives the first answer for the same', async () => {
    const headers = { ...json, 'Idempotency-Key': 'order-1' }
    const first = await server.send(post(text({ event: 'a', data: 'first' }), headers).bytes('row-14'))
    const { id } = JSON.parse(String(first.body))
    for (const other of [{ event: 'a', data: CANARY }, { event: 'b', data: 'first' }, { data: 'first' }])
      await server.refuse(
        post(text(other), headers).bytes('row-14'),
        as(422, 'idempotency-conflict'),
        '/rooms/row-14/events',
      )
    const again = await server.send(post(text({ data: 'first', event: 'a' }), headers).bytes('row-14'))
    expect({ status: again.status, ...JSON.parse(String(again.body)) }).toMatchObject({
      status: 201,
      id,
      duplicate: true,
    })
    expect((await info(server.url, 'row-14'))?.newest).toBe(id)
  })

  it('row 15: makes one event of the same key sent 100 times at once', async () => {
    const reader = await EventReader.open(server.port, '/rooms/row-15/events?from=start')
    await reader.untilLive()
    const bytes = post(text({ data: 'once' }), { ...json, 'Idempotency-Key': 'once' }).bytes('row-15')
    const sockets = await Promise.all(range(1, 100).map(() => RawSocket.open(server.port)))
    for (const socket of sockets) socket.write(bytes)
    const answers = await Promise.all(sockets.map((socket) => socket.response()))
    for (const socket of sockets) socket.cut('fin')
    const published = answers.map(({ body }) => JSON.parse(String(body)) as Published)
    expect(answers.map(({ status }) => status)).toEqual(range(1, 100).map(() => 201))
    expect(new Set(published.map(({ id }) => id)).size).toBe(1)
    expect(published.filter(({ duplicate }) => !duplicate)).toHaveLength(1)
    const { id } = await publish(server.url, 'row-15', 'after it')
    await reader.untilId(id)
    expect(reader.published.map(({ data }) => data)).toEqual(['once', 'after it'])
    reader.cut('fin')
  })

  describe.each(malformedIds())('row $row, native: $input', ({ lines }) => {
    it('is told with stream.gap, gets what is retained, then what comes', async () => {
      const room = 'native'
      const ids = (await history(server.url, room)).map(({ id }) => id)
      if (ids.length === 0) ids.push(...(await publishAll(server.url, room, 3)))
      const reader = await EventReader.open(server.port, `/rooms/${room}/events`, [...Object.entries(NATIVE), ...lines])
      expect(reader.head.status).toBe(200)
      await reader.untilLive()
      expectGap(reader, { id: '0', reason: 'malformed', asked: null, oldest: ids[0], newest: ids.at(-1) })
      expect(reader.ids).toEqual(ids)
      expect(reader.named('stream.live')[0]?.id).toBe(ids.at(-1))
      const { id } = await publish(server.url, room, 'live')
      await reader.untilId(id)
      expect(reader.ids).toEqual([...ids, id])
      expect(reader.named('stream.live')).toHaveLength(1)
      reader.cut('fin')
    })
  })

  it('row 23: lets the header win over ?lastEventId=', async () => {
    const [one, two, three] = (await publishAll(server.url, 'row-23', 3)) as [string, string, string]
    for (const query of [two, three, 'garbage', '']) {
      const headers = { ...NATIVE, 'Last-Event-ID': one }
      const reader = await EventReader.open(server.port, `/rooms/row-23/events?lastEventId=${query}`, headers)
      await reader.untilLive()
      expect(reader.ids).toEqual([two, three])
      expect(reader.named('stream.gap')).toEqual([])
      reader.cut('fin')
    }
  })

  it('rows 24, 25: an id that this log does not hold is an unknown gap, whoever asks', async () => {
    const ids = await publishAll(server.url, 'row-24', 3)
    const others = await publishAll(server.url, 'row-24-other', 3)
    const future = `${seqOf(ids[2]) + 1}-${String(ids[2]).slice(2)}`
    for (const asked of [...others, future, '9007199254740991-abcdef', '1000000-zzzzzz'])
      for (const accept of [NATIVE, ...STRICT]) {
        const headers: HeaderLines = [...Object.entries(accept), ['Last-Event-ID', asked]]
        const reader = await EventReader.open(server.port, '/rooms/row-24/events', headers)
        expect(reader.head.status).toBe(200)
        await reader.untilLive()
        expectGap(reader, { id: '0', reason: 'unknown', asked, oldest: ids[0], newest: ids[2] })
        expect(reader.ids).toEqual(ids)
        expect(reader.named('stream.live').map(({ id }) => id)).toEqual([ids[2]])
        reader.cut('fin')
      }
  })

  it('row 27: takes an empty Last-Event-ID as none', async () => {
    const ids = await publishAll(server.url, 'row-27', 3)
    for (const [query, expected] of [
      ['', []],
      ['?from=live', []],
      ['?from=start', ids],
      ['?from=2', ids.slice(1)],
      ['?from=0', []],
      ['?from=100', ids],
    ] as const) {
      const headers = { ...NATIVE, 'Last-Event-ID': '' }
      const reader = await EventReader.open(server.port, `/rooms/row-27/events${query}`, headers)
      await reader.untilLive()
      expect({ query, ids: reader.ids }).toEqual({ query, ids: expected })
      expect(reader.named('stream.gap')).toEqual([])
      expect(reader.named('stream.live').map(({ id }) => id)).toEqual([ids[2]])
      reader.cut('fin')
    }
  })

  it('row 28: a pruned id is an expired gap with oldest and newest, and history says it too', {
    timeout: 90_000,
  }, async () => {
    const ids = await fill(server.url, 'row-28', 1_150)
    const { oldest, newest, count } = (await info(server.url, 'row-28')) as Awaited<ReturnType<typeof info>> & object
    expect(newest).toBe(ids.at(-1))
    const first = ids.indexOf(String(oldest))
    expect(first).toBeGreaterThan(0)
    expect(count).toBe(ids.length - first)
    const floor = ids[first - 1] as string
    for (const asked of [ids[0], ids[first - 2], '0', '1-zzzzzz'] as string[])
      for (const accept of [NATIVE, ...STRICT]) {
        const headers: HeaderLines = [...Object.entries(accept), ['Last-Event-ID', asked]]
        const reader = await EventReader.open(server.port, '/rooms/row-28/events', headers)
        await reader.untilLive()
        expectGap(reader, { id: floor, reason: 'expired', asked, oldest, newest })
        expect(reader.ids).toEqual(ids.slice(first))
        expect(reader.named('stream.live').map(({ id }) => id)).toEqual([newest])
        reader.cut('fin')
      }
    expect((await history(server.url, 'row-28', `?after=${ids[0]}`))[0]).toEqual({
      id: floor,
      event: 'stream.gap',
      gap: { reason: 'expired', asked: ids[0], oldest, newest },
    })
    // The floor itself is a good place to go on from.
    const reader = await EventReader.open(server.port, `/rooms/row-28/events?lastEventId=${floor}`)
    await reader.untilLive()
    expect(reader.named('stream.gap')).toEqual([])
    expect(reader.ids).toEqual(ids.slice(first))
    reader.cut('fin')
  })

  it('row 45: rooms called __proto__, constructor, hasOwnProperty are rooms of their own', async () => {
    const names = ['__proto__', 'constructor', 'hasOwnProperty', 'toString']
    const readers = await Promise.all(
      names.map((name) => EventReader.open(server.port, `/rooms/${name}/events?from=start`)),
    )
    for (const name of names) {
      const { bytes } = post(text({ data: `in ${name}` }))
      expect((await server.send(bytes(name))).status).toBe(201)
    }
    for (const [index, name] of names.entries()) {
      const reader = readers[index] as EventReader
      await reader.until('its event', () => reader.published.length > 0)
      const { id } = await publish(server.url, name, 'the last')
      await reader.untilId(id)
      expect(reader.published.map(({ data }) => data)).toEqual([`in ${name}`, 'the last'])
      expect(await info(server.url, name)).toMatchObject({ room: name, count: 2, newest: id })
      reader.cut('fin')
    }
  })

  it('row 64: takes a key in quotes, as the draft standard has it, for the same key', async () => {
    const bytes = (key: string) => post(text({ data: 1 }), { ...json, 'Idempotency-Key': key }).bytes('row-64-good')
    const plain = JSON.parse(String((await server.send(bytes('k'.repeat(64)))).body))
    const quoted = JSON.parse(String((await server.send(bytes(`"${'k'.repeat(64)}"`))).body))
    expect(plain).toMatchObject({ duplicate: false })
    expect(quoted).toEqual({ ...plain, duplicate: true })
  })

  it('row 64: takes a key in any script, of at most 64 bytes of UTF-8', async () => {
    const publishWith = (key: string) =>
      server.send(request('POST', eventsOf('row-64-utf8'), { ...json, 'Idempotency-Key': key }, text({ data: 1 })))
    const answers: { id: string; duplicate: boolean }[] = []
    for (const key of ['schlüssel', 'schlüssel', '鍵'.repeat(21)]) {
      const answer = await publishWith(key)
      expect(answer.status).toBe(201)
      answers.push(JSON.parse(String(answer.body)))
    }
    expect(answers.map(({ duplicate }) => duplicate)).toEqual([false, true, false])
    expect(answers[0]?.id).toBe(answers[1]?.id)
    expect((await publishWith('鍵'.repeat(22))).status).toBe(400)
    server.mayLog(as(400, 'invalid-idempotency-key'), eventsOf('row-64-utf8'))
  })

  it('row 66: takes an event just under 256 KiB', async () => {
    const data = 'x'.repeat(262_144 - 'data: \nid: 1-abcdef\n\n'.length)
    expect((await server.send(post(text({ data })).bytes('row-66-good'))).status).toBe(201)
    const refused = post(text({ data: `${data}x` }))
    await server.refuse(refused.bytes('row-66-good'), as(413, 'payload-too-large'), '/rooms/row-66-good/events')
  })

  it('row 69: answers HEAD with headers alone and subscribes nobody', async () => {
    const { id } = await publish(server.url, 'row-69', 1)
    // Somebody else in the room would be told of each who comes, however soon it leaves.
    const witness = await EventReader.open(server.port, '/rooms/row-69/events')
    await witness.untilLive()
    const socket = await RawSocket.open(server.port)
    for (const accept of [NATIVE, NDJSON, {}]) {
      socket.write(request('HEAD', '/rooms/row-69/events?from=start', accept))
      const { status, headers } = await socket.response(true)
      expect(status).toBe(200)
      expect(headers.get('content-type')).toBe(accept === NDJSON ? 'application/x-ndjson' : 'text/event-stream')
      expect(headers.get('cache-control')).toContain('no-store')
    }
    // The same connection goes on with the next answer: no byte of a body was in between.
    socket.write(request('GET', '/rooms/row-69'))
    const { status, body } = await socket.response()
    expect({ status, ...JSON.parse(String(body)) }).toMatchObject({ status: 200, newest: id, subscribers: 1 })
    socket.cut('fin')
    await witness.untilId((await publish(server.url, 'row-69', 2)).id)
    expect(witness.named('stream.presence').map(({ data }) => data)).toEqual(['{"subscribers":1}'])
    witness.cut('fin')
  })

  it('explains each of these problems on the page that its type names', async () => {
    for (const slug of new Set(refusals.map(({ slug }) => slug))) {
      const page = await server.send(request('GET', `/problems/${slug}`))
      expect({ slug, status: page.status, type: page.headers.get('content-type') }).toEqual({
        slug,
        status: 200,
        type: 'text/html; charset=utf-8',
      })
      expect(String(page.body)).toContain(slug)
    }
    for (const path of ['/problems/%3Cscript%3E', '/problems/__proto__'])
      await server.refuse(request('GET', path), as(404, 'not-found'), path)
  })

  it('has changed nothing, also later', () => server.expectAllUnchanged())

  it('leaves everybody else alone: they lost and repeated nothing', () => server.expectNobodyNoticed())

  it('writes one line of JSON for each refusal, and none for anything else', async () => {
    await server.refuse(request('GET', '/the-last'), as(404, 'not-found'), '/the-last')
    server.expectOneLineEach()
  })
})

describe('bad input to a server with a secret', () => {
  let server: Server
  const send = (headers: HeaderLines, method = 'GET') =>
    exchange(
      server.port,
      request(method, '/rooms/lobby/events', headers, method === 'POST' ? text({ data: 1 }) : undefined),
    )
  const json = ['Content-Type', 'application/json'] as [string, string]

  beforeAll(async () => {
    server = await launch({ EDGE_SSE_SECRET: SECRET })
  })
  afterAll(() => server.close())

  it.each([
    `Basic ${btoa(`user:${SECRET}`)}`,
    `Basic ${SECRET}`,
    SECRET,
    'Bearer',
    'Bearer ',
    `Bearer ${SECRET}x`,
    `Bearer ${SECRET.slice(0, -1)}`,
    `Bearer ${SECRET} ${SECRET}`,
    `Bearer ${SECRET.toUpperCase()}`,
    `BearerX ${SECRET}`,
  ])('row 35: Authorization: %s is 401 unauthorized', async (authorization) => {
    for (const method of ['GET', 'POST']) {
      const response = await send([['Authorization', authorization], json], method)
      expectRefusal(response, as(401, 'unauthorized'))
      expect(response.headers.get('www-authenticate')).toBe('Bearer')
    }
  })

  it.each(['bearer', 'Bearer', 'BEARER'])('row 35: takes the scheme as %s', async (scheme) => {
    const response = await send([['Authorization', `${scheme} ${SECRET}`], json], 'POST')
    expect(response.status).toBe(201)
  })

  it('row 35: refuses two Authorization headers, also when both are right', async () => {
    for (const other of [SECRET, 'wrong'])
      for (const method of ['GET', 'POST']) {
        const both: HeaderLines = [['Authorization', `Bearer ${SECRET}`], ['Authorization', `Bearer ${other}`], json]
        expectRefusal(await send(both, method), as(400, 'malformed-request'))
      }
  })

  it('row 68: two Host headers are refused, and no handler runs', async () => {
    const before = await exchange(server.port, request('GET', '/rooms/twice', { Authorization: `Bearer ${SECRET}` }))
    expect(before.status).toBe(404)
    const hosts: HeaderLines = [
      ['Host', 'localhost'],
      ['Host', 'evil.example'],
      ['Authorization', `Bearer ${SECRET}`],
      json,
    ]
    const response = await exchange(server.port, request('POST', '/rooms/twice/events', hosts, text({ data: 1 })))
    if (flags.twoHosts === '400') expectRefusal(response, as(400, 'malformed-request'))
    else expect(response.status).toBe(Number.parseInt(flags.twoHosts, 10))
    const after = await exchange(server.port, request('GET', '/rooms/twice', { Authorization: `Bearer ${SECRET}` }))
    expectRefusal(after, as(404, 'room-not-found'))
  })

  it('never says the secret in its log', () => {
    expect(server.logs.length).toBeGreaterThan(0)
    expect(server.logs.join('\n')).not.toContain(SECRET)
  })
})

describe('bad input where nothing is configured', () => {
  let server: Server
  beforeAll(async () => {
    server = await launch({})
  })
  afterAll(() => server.close())

  it.each([
    ['GET', '/rooms/lobby', {}],
    ['HEAD', '/rooms/lobby', {}],
    ['GET', '/rooms/lobby/events', NATIVE],
    ['GET', '/rooms/lobby/events', NDJSON],
    ['HEAD', '/rooms/lobby/events', {}],
    ['POST', '/rooms/lobby/events', json],
  ] as const)('row 70: %s %s %o is 503 access-not-configured', async (method, path, headers) => {
    for (const more of [{}, { Authorization: 'Bearer ' }, { Authorization: 'Bearer undefined' }]) {
      const body = method === 'POST' ? text({ data: CANARY }) : undefined
      const response = await exchange(server.port, request(method, path, { ...headers, ...more }, body))
      expectRefusal(response, as(503, 'access-not-configured'), method === 'HEAD')
    }
  })
})

/** No route closes a room yet: the handler is asked over a socket on rooms of this process, where `close` can be called. */
describe('bad input to a closed room', () => {
  const logs: string[] = []
  let rooms: Rooms
  let http: HttpServer
  let port: number

  beforeAll(async () => {
    rooms = memoryRooms()
    const context = {
      rooms,
      access: openAccess,
      files: folderFiles('demo/files'),
      pages: () => new Response(),
      log: (line: string) => void logs.push(line),
    }
    http = createServer(async (incoming, outgoing) => {
      const chunks: Buffer[] = []
      for await (const chunk of incoming) chunks.push(chunk)
      const { method = 'GET', url } = incoming
      const headers = incoming.headers as Record<string, string>
      const body = method === 'POST' ? Buffer.concat(chunks) : null
      const response = await app.fetch(new Request(`http://localhost${url}`, { method, headers, body }), context)
      outgoing.writeHead(response.status, Object.fromEntries(response.headers))
      outgoing.end(Buffer.from(await response.arrayBuffer()))
    }).listen(0, '127.0.0.1')
    await once(http, 'listening')
    port = (http.address() as AddressInfo).port
  })
  afterAll(() => void http.close())

  it('row 76: a publish is 409 room-closed, and the log stays as it was', async () => {
    const { bytes } = post(text({ data: CANARY }))
    const first = await exchange(port, bytes('row-76'))
    expect(first.status).toBe(201)
    const { id } = JSON.parse(String(first.body))
    await rooms.get('row-76').close()
    expectRefusal(await exchange(port, bytes('row-76')), as(409, 'room-closed'))
    expect(logs.map(toLogEntry)).toEqual(['409 room-closed /rooms/row-76/events'])
    const info = await exchange(port, request('GET', '/rooms/row-76'))
    expect(JSON.parse(String(info.body))).toMatchObject({ newest: id, count: 1, state: 'closed' })
    // Who has read all of it is told that there is nothing more; anybody else gets it, and the end.
    const read = await exchange(port, request('GET', '/rooms/row-76/events', { 'Last-Event-ID': id }))
    expect(read.status).toBe(204)
    const unread = await exchange(port, request('GET', '/rooms/row-76/events?from=start'))
    expect(String(unread.body)).toMatch(
      new RegExp(
        `id: ${id}\n\nevent: stream.live\n.*\nid: ${id}\n\nevent: stream.end\ndata: {"reconnect":false}\nid: ~end\n\n$`,
      ),
    )
  })
})

/** The gap comes first and once, and says exactly this. */
function expectGap(reader: EventReader, { id, ...gap }: Record<string, unknown>): void {
  expect(reader.events[0]?.event).toBe('stream.gap')
  expect(reader.named('stream.gap').map(({ id, data }) => ({ id, gap: JSON.parse(data) }))).toEqual([{ id, gap }])
}
