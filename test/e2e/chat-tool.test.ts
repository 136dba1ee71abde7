/** Many people, one model, over real sockets: what one asks, everybody sees, and the answer as it comes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { JWT_SECRET, tokenOf } from '../access/tokens.ts'
import { answer, hold } from '../upstream/script.ts'
import { EventReader } from './event-reader.ts'
import { launch, type Server } from './launch.ts'
import { exchange, type RawResponse, request } from './raw-socket.ts'
import { as, expectRefusal } from './refusal.ts'
import { RelayBench } from './relay-bench.ts'

let server: Server
beforeAll(async () => {
  server = await launch()
})
afterAll(() => server.close())

interface Said {
  id: string
  role?: string
  name?: string
  content?: string
  text?: string
}
const json = { 'Content-Type': 'application/json' }
const question = (content: string, more: object = {}): string =>
  JSON.stringify({ model: 'offline?tokens=30&pace=1', ...more, messages: [{ role: 'user', content }] })
const post = (target: string, body: string, headers: Record<string, string> = {}): Promise<RawResponse> =>
  exchange(server.port, request('POST', target, { ...json, ...headers }, body))
const send = async (
  room: string,
  content: string,
  more?: object,
  headers?: Record<string, string>,
): Promise<string> => {
  const answer = await post(`/server/send?room=${room}`, question(content, more), headers)
  expect({ status: answer.status, cache: answer.headers.get('cache-control') }).toEqual({
    status: 202,
    cache: 'no-store',
  })
  return JSON.parse(String(answer.body)).id
}
const join = (room: string, headers: Record<string, string> = {}): Promise<EventReader> =>
  EventReader.open(server.port, `/server/events?room=${room}`, headers)
const said = (reader: EventReader): Said[] => reader.published.map(({ data }) => JSON.parse(data))
const wholeOf = (reader: EventReader, id: string): Said | undefined =>
  reader.published
    .filter(({ event }) => event === undefined)
    .map(({ data }) => JSON.parse(data) as Said)
    .find((each) => each.id === id)
const untilWhole = (reader: EventReader, id: string): Promise<void> =>
  reader.until(`the whole of ${id}`, () => wholeOf(reader, id) !== undefined)
const deltas = (reader: EventReader, id: string): string =>
  reader
    .named('delta')
    .map(({ data }) => JSON.parse(data) as Said)
    .filter((each) => each.id === id)
    .map(({ text }) => text)
    .join('')

describe('the chat tool', () => {
  it('shows everybody the question, the answer as it comes, and all of it at the end', async () => {
    const readers = [await join('all'), await join('all')]
    for (const reader of readers) await reader.untilLive()
    const id = await send('all', 'Grüße 🦆')
    for (const reader of readers) {
      await untilWhole(reader, id)
      expect(said(reader)[0]).toEqual({ id, role: 'user', content: 'Grüße 🦆' })
      expect(reader.published[0]?.event).toBe('question')
      expect(deltas(reader, id).match(/\S+/g)).toHaveLength(30)
      expect(wholeOf(reader, id)).toEqual({ id, role: 'assistant', content: deltas(reader, id) })
      expect(reader.published.at(-1)?.event).toBeUndefined()
    }
    expect(readers[0]?.published).toEqual(readers[1]?.published)
  })

  it('is the room `chat` where none is named, and an ordinary room', async () => {
    const reader = await EventReader.open(server.port, '/server/events')
    await reader.untilLive()
    const { body } = await post('/server/send', question('hello'))
    await untilWhole(reader, JSON.parse(String(body)).id)
    const other = await EventReader.open(server.port, '/rooms/chat/events?from=start')
    await other.untilLive()
    expect(other.published).toEqual(reader.published)
  })

  it('takes two questions at once, each with its own answer, and the room stays open', async () => {
    const reader = await join('two')
    const [one, two] = await Promise.all([
      send('two', 'one'),
      send('two', 'two', { model: 'offline?tokens=60&pace=1' }),
    ])
    expect(one).not.toBe(two)
    for (const id of [one, two]) await untilWhole(reader, id)
    for (const id of [one, two]) expect(wholeOf(reader, id)?.content).toBe(deltas(reader, id))
    const third = await send('two', 'three')
    await untilWhole(reader, third)
  })

  it('gives who joins later, and who comes back, what was missed and nothing twice', async () => {
    const first = await join('late')
    const id = await send('late', 'hello', { model: 'offline?tokens=200&pace=5' })
    await first.until('some of it', () => first.named('delta').length > 3)
    first.cut('reset')
    const before = first.published
    const back = await join('late', { 'Last-Event-ID': before.at(-1)?.id ?? '' })
    const late = await join('late')
    for (const reader of [back, late]) await untilWhole(reader, id)
    expect([...before, ...back.published]).toEqual(late.published)
    expect(wholeOf(late, id)?.content).toBe(deltas(late, id))
  })

  it('is asked once for one key', async () => {
    const reader = await join('key')
    const key = { 'Idempotency-Key': 'question-1' }
    const ids = await Promise.all([1, 2, 3, 4, 5].map(() => send('key', 'once', {}, key)))
    expect(new Set(ids).size).toBe(1)
    await untilWhole(reader, ids[0] ?? '')
    await untilWhole(reader, await send('key', 'after'))
    expect(reader.named('question')).toHaveLength(2)
    expectRefusal(await post('/server/send?room=key', question('another'), key), as(422, 'idempotency-conflict'))
  })

  it('says in whose answer something went wrong, and goes on', async () => {
    const reader = await join('error')
    const id = await send('error', 'hello', { model: 'offline?fail=reset&after=3&pace=1' })
    await reader.until('the error', () => reader.named('stream.error').length > 0)
    expect(JSON.parse(reader.named('stream.error')[0]?.data ?? '')).toMatchObject({ run: id, code: 'upstream-reset' })
    expect(deltas(reader, id)).toBe('I am the')
    expect(wholeOf(reader, id)).toBeUndefined()
    await untilWhole(reader, await send('error', 'again'))
  })

  it('tells who has asked, where that is said, and shows the last message of several', async () => {
    const reader = await join('name')
    const messages = [
      { role: 'user', content: 'first' },
      { role: 'assistant', content: 'hm' },
      { role: 'user', name: 'Ada', content: [{ type: 'text', text: 'second' }] },
    ]
    const { body } = await post('/server/send?room=name', JSON.stringify({ messages, model: 'offline?tokens=1' }))
    const { id } = JSON.parse(String(body))
    await untilWhole(reader, id)
    expect(said(reader)[0]).toEqual({ id, role: 'user', name: 'Ada', content: 'second' })
  })

  it.each(['GET', 'PUT', 'DELETE'])('answers %s /server/send with 405 and what it takes', async (method) => {
    const { status, headers } = await exchange(server.port, request(method, '/server/send'))
    expect({ status, allow: headers.get('allow') }).toEqual({ status: 405, allow: 'POST, OPTIONS' })
  })

  it.each([
    ['', as(400, 'invalid-json')],
    ['null', as(400, 'invalid-json')],
    ['[]', as(400, 'invalid-json')],
    ['{}', as(400, 'invalid-parameter')],
    ['{"messages":"hello"}', as(400, 'invalid-parameter')],
    ['{"messages":[]}', as(400, 'invalid-parameter')],
    ['{"messages":[{"role":"user","content":7}]}', as(400, 'invalid-parameter')],
    ['{"messages":[{"role":"user","content":"x"}],"base_url":"http://127.0.0.1"}', as(400, 'unknown-provider')],
    ['{"messages":[{"role":"user","content":"x"}],"model":"nobody"}', as(404, 'unknown-provider')],
  ])('refuses %s', async (body, refusal) => {
    expectRefusal(await post('/server/send?room=refused', body), refusal)
    expectRefusal(await exchange(server.port, request('GET', '/rooms/refused')), as(404, 'room-not-found'))
  })

  it.each(['cancel', 'continue', 'never', null])(
    'refuses on_disconnect: %j, since no one reader is the last',
    async (said) => {
      const refused = await post('/server/send?room=refused', question('x', { on_disconnect: said }))
      expect(expectRefusal(refused, as(400, 'invalid-parameter'))).toContain('`on_disconnect`')
      expectRefusal(await exchange(server.port, request('GET', '/rooms/refused')), as(404, 'room-not-found'))
    },
  )

  it.each(['text/plain', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded'])(
    'row 73: refuses a body that is %s',
    async (type) => {
      expectRefusal(
        await post('/server/send', question('x'), { 'Content-Type': type }),
        as(415, 'unsupported-media-type'),
      )
    },
  )

  it('has no rooms of ours, and none that there cannot be', async () => {
    for (const [room, refusal] of [
      ['~answer-1', as(400, 'invalid-parameter')],
      ['%7Echat-1', as(400, 'invalid-parameter')],
      ['a%2Fb', as(400, 'invalid-room')],
      ['', as(400, 'invalid-room')],
    ] as const) {
      expectRefusal(await post(`/server/send?room=${room}`, question('x')), refusal)
      expectRefusal(await exchange(server.port, request('GET', `/server/events?room=${room}`)), refusal)
    }
  })
})

describe('with tokens', () => {
  const ORIGIN = 'https://app.example'
  let guarded: Server
  beforeAll(async () => {
    guarded = await launch({ EDGE_SSE_JWT_SECRET: JWT_SECRET, EDGE_SSE_ORIGINS: ORIGIN })
  })
  afterAll(() => guarded.close())

  it('needs the right `answer` to ask in a room, and `subscribe` to read there; a page of a listed origin may', async () => {
    const tokens = {
      asks: await tokenOf({ claims: { rooms: { lobby: ['answer'] } } }),
      reads: await tokenOf({ claims: { rooms: { lobby: ['subscribe'] } } }),
      elsewhere: await tokenOf({ claims: { rooms: { other: ['answer', 'subscribe'] }, can: ['answer'] } }),
    }
    const asking = async (token: string): Promise<RawResponse> => {
      const headers = { ...json, Authorization: `Bearer ${token}`, Origin: ORIGIN }
      return exchange(guarded.port, request('POST', '/server/send?room=lobby', headers, question('hello')))
    }
    const reading = async (token: string): Promise<number> => {
      const reader = await EventReader.open(guarded.port, '/server/events?room=lobby', {
        Authorization: `Bearer ${token}`,
      })
      reader.cut('reset')
      return reader.head.status
    }
    const asked = await asking(tokens.asks)
    expect({ status: asked.status, cors: asked.headers.get('access-control-allow-origin') }).toEqual({
      status: 202,
      cors: ORIGIN,
    })
    expect((await asking(tokens.reads)).status).toBe(403)
    expect((await asking(tokens.elsewhere)).status).toBe(403)
    expect(await reading(tokens.reads)).toBe(200)
    expect(await reading(tokens.asks)).toBe(403)
    expect(await reading(tokens.elsewhere)).toBe(403)
  })

  it.each([
    ['/server/send', 'POST'],
    ['/server/events', 'GET'],
  ])('lets a page of a listed origin use %s, and of no other', async (path, method) => {
    const preflight = (origin: string): Promise<RawResponse> =>
      exchange(
        guarded.port,
        request('OPTIONS', path, {
          Origin: origin,
          'Access-Control-Request-Method': method,
          'Access-Control-Request-Headers': 'authorization,content-type,idempotency-key,last-event-id',
        }),
      )
    const { status, headers } = await preflight(ORIGIN)
    expect([status, headers.get('access-control-allow-origin'), headers.get('vary')]).toEqual([204, ORIGIN, 'Origin'])
    expect(headers.get('access-control-allow-methods')?.split(', ')).toContain(method)
    expect(headers.get('access-control-allow-headers')?.split(', ')).toEqual(
      expect.arrayContaining(['authorization', 'content-type', 'idempotency-key', 'last-event-id']),
    )
    const evil = await preflight('https://evil.example')
    expect([evil.status, evil.headers.get('access-control-allow-origin')]).toEqual([204, null])
  })

  it('lets a page of a listed origin read along, and read why it may not', async () => {
    const Authorization = `Bearer ${await tokenOf({ claims: { rooms: { lobby: ['subscribe'] } } })}`
    for (const [headers, status] of [
      [{ Authorization }, 200],
      [{}, 401],
    ] as const)
      for (const [origin, allowed] of [
        [ORIGIN, ORIGIN],
        ['https://evil.example', null],
      ] as const) {
        const path = '/server/events?room=lobby'
        const reader = await EventReader.open(guarded.port, path, { ...headers, Origin: origin })
        const { head } = reader
        expect([head.status, head.headers.get('access-control-allow-origin')]).toEqual([status, allowed])
        reader.cut('reset')
      }
  })
})

describe('a question to a model that says nothing yet', () => {
  let relay: RelayBench
  beforeAll(async () => {
    relay = await RelayBench.launch()
  })
  afterAll(() => relay.close())

  it('is answered 202 at once, and shown to everybody; its answer comes when the model goes on', async () => {
    const model = relay.model([hold(), ...answer('one')])
    const reader = await EventReader.open(relay.server.port, '/server/events?room=waits')
    const { status, body } = await exchange(
      relay.server.port,
      relay.question(model, { path: '/server/send?room=waits' }),
    )
    expect(status).toBe(202)
    const { id } = JSON.parse(String(body))
    const call = await relay.upstream.called(model)
    await reader.until('the question', () => reader.named('question').length > 0)
    expect([call.isOpen, said(reader)]).toEqual([true, [{ id, role: 'user', content: 'Say something' }]])
    call.release()
    await untilWhole(reader, id)
    expect(wholeOf(reader, id)).toEqual({ id, role: 'assistant', content: 'one' })
    reader.cut('reset')
  })
})
