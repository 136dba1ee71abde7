/** Batches over bare sockets: what is published together arrives together, once, in order, and is resumed anywhere in it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EventReader, seqOf } from './event-reader.ts'
import { flags, launch, type Server } from './launch.ts'
import { chunk, exchange, RawSocket, request } from './raw-socket.ts'
import { as, expectRefusal, isRefusedByRuntime, type Refusal } from './refusal.ts'
import { history, info, inParallel, type PublishedBatch, publish, publishBatch, range } from './room-client.ts'

const NDJSON = { 'Content-Type': 'application/x-ndjson' }
const CUTS = ['reset', 'fin'] as const

let server: Server
beforeAll(async () => {
  server = await launch()
})
afterAll(() => server.close())

const post = (room: string, body: string | Uint8Array, headers: Record<string, string> = {}): Uint8Array =>
  request('POST', `/rooms/${room}/events`, { ...NDJSON, ...headers }, body)

/** Publishes a body to the byte, and gives the answer. */
async function send(
  room: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<PublishedBatch> {
  const response = await exchange(server.port, post(room, body, headers))
  expect({ status: response.status, body: String(response.body) }).toMatchObject({ status: 201 })
  expect(response.headers.get('cache-control')).toBe('no-store')
  return JSON.parse(String(response.body))
}

const open = (room: string, query = '', lastEventId?: string): Promise<EventReader> =>
  EventReader.open(server.port, `/rooms/${room}/events${query}`, lastEventId ? { 'Last-Event-ID': lastEventId } : {})

/** Under one tag, each the one after the last. */
function expectNextToEachOther(ids: string[]): void {
  const first = seqOf(ids[0])
  const tag = ids[0]?.split('-')[1]
  expect(tag).toMatch(/^[0-9a-z]{6}$/)
  expect(ids).toEqual(ids.map((_, index) => `${first + index}-${tag}`))
}

describe('a batch', () => {
  it('of 1,000 lines reaches live readers whole and in order', async () => {
    const room = 'thousand'
    const readers = await Promise.all(range(1, 3).map(() => open(room)))
    for (const reader of readers) await reader.untilLive()
    const messages = range(1, 1_000).map((n) =>
      n % 3 === 0 ? { event: `third ${n}`, data: { n } } : { data: `text ${n}\nof two lines` },
    )
    const { ids, ...answer } = await publishBatch(server.url, room, messages)
    expect(answer).toEqual({ room, durable: flags.durable, duplicate: false })
    expect(ids).toHaveLength(1_000)
    expectNextToEachOther(ids)
    for (const reader of readers) {
      await reader.untilId(ids.at(-1) as string)
      expect(reader.published.map(({ id, event, data }) => ({ id, event, data }))).toEqual(
        messages.map(({ event, data }, index) => ({
          id: ids[index],
          event,
          data: typeof data === 'string' ? data : JSON.stringify(data),
        })),
      )
      reader.cut('fin')
    }
    expect((await history(server.url, room)).map(({ id }) => id)).toEqual(ids)
  })

  it('of several frames and pages is resumed after any of its events', async () => {
    const room = 'pages'
    const before = (await publish(server.url, room, 'before')).id
    // One of them alone is more than a page, and all of them more than two frames.
    const data = (n: number): string => `${n} `.repeat(n === 70 ? 30_000 : 1_500)
    const { ids } = await publishBatch(
      server.url,
      room,
      range(1, 140).map((n) => ({ data: data(n) })),
    )
    const after = (await publish(server.url, room, 'after')).id
    const all = [before, ...ids, after]
    await inParallel([...all.keys()], 8, async (index) => {
      const reader = await open(room, '', all[index])
      await reader.untilLive()
      expect({ index, ids: reader.ids, gaps: reader.named('stream.gap') }).toEqual({
        index,
        ids: all.slice(index + 1),
        gaps: [],
      })
      for (const { id, data: text } of reader.published.slice(0, -1)) expect(text).toBe(data(seqOf(id) - 1))
      reader.cut('fin')
    })
    for (const index of [0, 1, 69, 70, 71, 139, 140])
      expect((await history(server.url, room, `?after=${all[index]}`)).map(({ id }) => id)).toEqual(
        all.slice(index + 1),
      )
  })

  it.each(CUTS)('whose delivery is cut at any byte, by %s, is resumed with what is missing', async (cut) => {
    const messages = [{ data: 'a' }, { event: 'é', data: 'b\nc' }, { data: '😀' }]
    let length = 0
    const cutAt = async (offset: number): Promise<void> => {
      const room = `cut-${cut}-${offset}`
      const { id: past } = await publish(server.url, room, 'the past')
      const socket = await RawSocket.open(server.port)
      socket.write(request('GET', `/rooms/${room}/events`, { 'Last-Event-ID': past }))
      const body = socket.body(await socket.head())
      let opening = ''
      while (!/event: stream\.live\n.*\n.*\n\n$/.test(opening)) opening += (await body.next()).value
      const { ids } = await publishBatch(server.url, room, messages)
      const blocks = [`data: a\nid: ${ids[0]}\n\n`, `event: é\ndata: b\ndata: c\nid: ${ids[1]}\n\n`]
      const text = Buffer.from(`${blocks.join('')}data: 😀\nid: ${ids[2]}\n\n`)
      length = text.byteLength
      let bytes = Buffer.alloc(0)
      while (bytes.byteLength < offset) bytes = Buffer.concat([bytes, (await body.next()).value as Buffer])
      socket.cut(cut)
      expect(bytes.subarray(0, offset)).toEqual(text.subarray(0, offset))
      // A block counts once its blank line is there.
      const seen = String(bytes.subarray(0, offset)).split('\n\n').length - 1
      const reader = await open(room, '', [past, ...ids][seen])
      await reader.untilLive()
      expect({ offset, ids: reader.ids, gaps: reader.named('stream.gap') }).toEqual({
        offset,
        ids: ids.slice(seen),
        gaps: [],
      })
      reader.cut('fin')
    }
    await cutAt(0)
    await inParallel(range(1, length), 16, cutAt)
  })

  it('never mixes with others, however many come at once', async () => {
    const room = 'mixed'
    const reader = await open(room)
    await reader.untilLive()
    const ofBatch = (name: string, count: number): { data: string }[] =>
      range(1, count).map((n) => ({ data: `${name} ${n}` }))
    // Small ones, ones of several frames, and single events between them.
    const names = range(1, 12).map((n) => `batch ${n}`)
    const [batches] = await Promise.all([
      Promise.all(
        names.map((name, index) => publishBatch(server.url, room, ofBatch(`${name} ${'x'.repeat(index * 700)}`, 30))),
      ),
      Promise.all(range(1, 30).map((n) => publish(server.url, room, `single ${n}`))),
    ])
    const { id: last } = await publish(server.url, room, 'the last')
    await reader.untilId(last)
    const textOf = new Map(reader.published.map(({ id, data }) => [id, data]))
    for (const [index, { ids }] of batches.entries()) {
      expectNextToEachOther(ids)
      expect(ids.map((id) => textOf.get(id))).toEqual(
        ofBatch(`${names[index]} ${'x'.repeat(index * 700)}`, 30).map(({ data }) => data),
      )
    }
    expect(reader.ids.map(seqOf)).toEqual(range(1, 12 * 30 + 30 + 1))
    reader.cut('fin')
  })
})

describe('the Idempotency-Key of a batch', () => {
  const body = '{"data":1}\n{"event":"two","data":2}\n{"data":3}\n'
  const conflict: Refusal = as(422, 'idempotency-conflict')
  const refuse = async (room: string, bytes: Uint8Array): Promise<void> => {
    expectRefusal(await exchange(server.port, bytes), conflict)
    expect((await info(server.url, room))?.count).toBe(3)
  }
  const postOne = (room: string, message: object, headers: Record<string, string>): Uint8Array =>
    request(
      'POST',
      `/rooms/${room}/events`,
      { 'Content-Type': 'application/json', ...headers },
      JSON.stringify(message),
    )

  it('covers all of it: a retry gives the same ids, and a reader sees nothing twice', async () => {
    const room = 'retried'
    const reader = await open(room)
    await reader.untilLive()
    const key = { 'Idempotency-Key': 'order-1' }
    const first = await send(room, body, key)
    expect(first).toEqual({ ids: first.ids, room, durable: flags.durable, duplicate: false })
    expectNextToEachOther(first.ids)
    await publish(server.url, room, 'between')
    // The same messages are the same batch, however they are written down.
    for (const same of [body, body.trimEnd(), body.replaceAll('\n', '\r\n'), body.replaceAll(':', ' : ')])
      expect(await send(room, same, key)).toEqual({ ...first, duplicate: true })
    expect(await send(room, body, { 'Idempotency-Key': '"order-1"' })).toEqual({ ...first, duplicate: true })
    const { id: last } = await publish(server.url, room, 'the last')
    await reader.untilId(last)
    expect(reader.published.map(({ data }) => data)).toEqual(['1', '2', '3', 'between', 'the last'])
    reader.cut('fin')
  })

  it('makes one batch of 100 equal ones at once', async () => {
    const room = 'hundred'
    const reader = await open(room)
    await reader.untilLive()
    const sockets = await Promise.all(range(1, 100).map(() => RawSocket.open(server.port)))
    for (const socket of sockets) socket.write(post(room, body, { 'Idempotency-Key': 'once' }))
    const answers = await Promise.all(sockets.map((socket) => socket.response()))
    for (const socket of sockets) socket.cut('fin')
    expect(answers.map(({ status }) => status)).toEqual(range(1, 100).map(() => 201))
    const batches = answers.map(({ body }) => JSON.parse(String(body)) as PublishedBatch)
    expect(new Set(batches.map(({ ids }) => ids.join()))).toHaveLength(1)
    expect(batches.filter(({ duplicate }) => !duplicate)).toHaveLength(1)
    const { id: last } = await publish(server.url, room, 'the last')
    await reader.untilId(last)
    expect(reader.published.map(({ data }) => data)).toEqual(['1', '2', '3', 'the last'])
    reader.cut('fin')
  })

  it.each([
    ['a line more', `${body}{"data":4}\n`],
    ['a line less', body.slice(0, body.indexOf('{"data":3}'))],
    ['another order', body.split('\n').toReversed().join('\n').trim()],
    ['other data', body.replace('3', '4')],
    ['other digits', body.replace('3', '3.0')],
    ['another event name', body.replace('two', 'three')],
    ['the lines as one list', '{"data":[1,2,3]}'],
  ])('is refused for %s', async (what, other) => {
    const room = `conflict-${what.replaceAll(' ', '-')}`
    const key = { 'Idempotency-Key': 'order-1' }
    await send(room, body, key)
    await refuse(room, post(room, other, key))
  })

  it('is refused for a single publish, and that of a single publish for a batch', async () => {
    const room = 'single'
    const key = { 'Idempotency-Key': 'order-1' }
    await send(room, body.slice(0, body.indexOf('{"data":3}')), key)
    const other = { 'Idempotency-Key': 'order-2' }
    expect((await exchange(server.port, postOne(room, { data: 3 }, other))).status).toBe(201)
    await refuse(room, postOne(room, { data: 1 }, key))
    await refuse(room, post(room, '{"data":3}\n{"data":4}', other))
    // A batch of one is no other message than the one alone.
    const { id } = await publish(server.url, room, 3, { key: 'order-2' })
    expect(await send(room, '{"data":3}', other)).toMatchObject({ ids: [id], duplicate: true })
  })

  it('is good again in another room', async () => {
    const key = { 'Idempotency-Key': 'order-1' }
    const first = await send('room-one', body, key)
    const second = await send('room-two', body, key)
    expect(second).toMatchObject({ room: 'room-two', duplicate: false })
    expect(second.ids).not.toEqual(first.ids)
    expect((await info(server.url, 'room-two'))?.count).toBe(3)
  })

  it.each(['', '""', 'k'.repeat(65), 'a\x01'])('is refused when it is %j, and nothing is published', async (key) => {
    const response = await exchange(server.port, post('bad-key', body, { 'Idempotency-Key': key }))
    if (isRefusedByRuntime(response, key)) expect(response.status).toBe(400)
    else expectRefusal(response, as(400, 'invalid-idempotency-key'))
    expect(await info(server.url, 'bad-key')).toBeUndefined()
  })
})

describe('the body of a batch', () => {
  const data = async (room: string): Promise<string[]> => (await history(server.url, room)).map(({ data }) => data)

  it.each([
    'application/x-ndjson; charset=utf-8',
    'application/x-ndjson;charset="utf-8"; x=y',
    'Application/X-NDJSON',
    'application/x-ndjson ;',
  ])('may be of type %s', async (type) => {
    const { ids } = await send('types', '{"data":1}\n{"data":2}', { 'Content-Type': type })
    expectNextToEachOther(ids)
    expect(ids).toHaveLength(2)
  })

  it.each([
    ['LF', '{"data":"a"}\n{"data":"b"}\n'],
    ['LF, none at the end', '{"data":"a"}\n{"data":"b"}'],
    ['CRLF', '{"data":"a"}\r\n{"data":"b"}\r\n'],
    ['CRLF, none at the end', '{"data":"a"}\r\n{"data":"b"}'],
    ['CRLF and LF', '{"data":"a"}\r\n{"data":"b"}\n'],
    ['space around each value', ' \t{"data":"a"} \n  {"data":"b"}\t\n'],
    ['a byte order mark at the beginning', '\ufeff{"data":"a"}\n{"data":"b"}\n'],
  ])('may have as line ends: %s', async (what, body) => {
    const room = `lines-${what.replaceAll(/\W+/g, '-')}`
    expect((await send(room, body)).ids).toHaveLength(2)
    expect(await data(room)).toEqual(['a', 'b'])
  })

  it('may hold what looks like a line end, inside its strings', async () => {
    const strings = ['a\nb', 'a\r\nb', '\u2028\u2029\x85', '\n', '{"data":1}\n{"data":2}']
    const body = strings.map((data) => JSON.stringify({ data })).join('\n')
    expect((await send('inside', body)).ids).toHaveLength(strings.length)
    expect(await data('inside')).toEqual(strings.map((text) => text.replaceAll('\r\n', '\n')))
  })

  it('keeps the digits of its numbers', async () => {
    const numbers = ['1.0', '1e400', '-0', '12345678901234567890', '0.1000', '{"a":[1E+2,-1.50e-7]}']
    await send('digits', numbers.map((number) => `{"data":${number}}`).join('\n'))
    expect(await data('digits')).toEqual(numbers)
  })

  it('may come in pieces, cut at any byte', async () => {
    const body = Buffer.from('{"event":"é","data":"😀"}\n{"data":"ü\\n\\ud83d\\ude00"}\r\n{"data":"ﬀ"}\n')
    const socket = await RawSocket.open(server.port)
    socket.write(request('POST', '/rooms/pieces/events', { ...NDJSON, 'Transfer-Encoding': 'chunked' }))
    for (const byte of body) socket.write(chunk(Uint8Array.of(byte)))
    socket.write(chunk(''))
    expect((await socket.response()).status).toBe(201)
    for (const cut of range(1, body.byteLength - 1)) {
      socket.write(request('POST', '/rooms/pieces/events', { ...NDJSON, 'Content-Length': String(body.byteLength) }))
      socket.write(body.subarray(0, cut))
      await new Promise(setImmediate) // So that the pieces do not leave as one.
      socket.write(body.subarray(cut))
      expect((await socket.response()).status).toBe(201)
    }
    socket.cut('fin')
    const all = await history(server.url, 'pieces')
    expect(all).toHaveLength(3 * body.byteLength)
    for (const [index, { event, data }] of all.entries())
      expect([event, data]).toEqual(
        [
          ['é', '😀'],
          [undefined, 'ü\n😀'],
          [undefined, 'ﬀ'],
        ][index % 3],
      )
  })
})
