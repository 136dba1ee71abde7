/** The model's routes as a page and a program have them: what is on the wire, coming back, and stopping. */
import { EventSource } from 'eventsource'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { digest } from '../../src/relay/answer.ts'
import { JWT_SECRET, tokenOf } from '../access/tokens.ts'
import { EventReader } from './event-reader.ts'
import { launch, type Server } from './launch.ts'
import { exchange, type RawResponse, request } from './raw-socket.ts'
import { as, expectRefusal } from './refusal.ts'

let server: Server
beforeAll(async () => {
  server = await launch()
})
afterAll(() => server.close())

const NATIVE = { Accept: 'text/event-stream' }
const model = (query: string): string => encodeURIComponent(`offline?${query}`)
const ask = (query: string, headers: Record<string, string> = NATIVE, more = ''): Promise<EventReader> =>
  EventReader.open(server.port, `/chat/stream?message=hello&model=${model(query)}${more}`, headers)
const json = { 'Content-Type': 'application/json' }
const post = (path: string, body: object, headers: Record<string, string> = {}): Promise<RawResponse> =>
  exchange(server.port, request('POST', path, { ...json, ...headers }, JSON.stringify(body)))
const asked = (name: string, more: object = {}): object => ({
  model: name,
  messages: [{ role: 'user', content: 'hello' }],
  ...more,
})
const get = (path: string, headers: Record<string, string> = {}): Promise<RawResponse> =>
  exchange(server.port, request('GET', path, headers))
const answerOf = (reader: EventReader): string => reader.head.headers.get('edge-sse-stream') ?? ''
const textIn = (data: string[]): string =>
  data
    .filter((each) => each !== '[DONE]')
    .map((each) => JSON.parse(each).choices[0]?.delta.content ?? '')
    .join('')
const dataOf = (reader: EventReader): string[] => reader.events.map(({ data }) => data)

describe('GET /chat/stream', () => {
  it('streams chunks to [DONE], each with an id that names the answer, and nothing that has a name', async () => {
    for (const path of ['/chat/stream', '/chat']) {
      const reader = await EventReader.open(
        server.port,
        `${path}?message=hello&model=${model('tokens=5&pace=1')}`,
        NATIVE,
      )
      await reader.untilEnd()
      const answer = answerOf(reader)
      expect(answer).toMatch(/^[\da-f]{32}$/)
      expect(reader.head.headers.get('content-type')).toBe('text/event-stream')
      expect(reader.head.headers.get('cache-control')).toContain('no-store')
      expect(reader.comments).toEqual([expect.stringMatching(/^heartbeat=(15|8)$/)])
      expect(reader.retries).toHaveLength(1)
      expect(reader.events.map(({ event }) => event)).toEqual(Array(7).fill(undefined))
      expect(reader.events.map(({ id }) => id)).toEqual(
        [1, 2, 3, 4, 5, 6, 7].map((seq) => expect.stringMatching(new RegExp(`^${answer}~${seq}-[\\da-z]{6}$`))),
      )
      expect(textIn(dataOf(reader))).toBe('I am the offline model')
      expect(dataOf(reader).at(-1)).toBe('[DONE]')
    }
  })

  it('goes on after each of its ids with exactly the rest, also before the first, and is over after the last', async () => {
    const first = await ask('tokens=4&pace=0')
    await first.untilEnd()
    const all = first.events
    const ids = [`${answerOf(first)}~0`, ...all.map(({ id }) => id ?? '')]
    for (const [index, id] of ids.slice(0, -1).entries())
      for (const headers of [{ ...NATIVE, 'Last-Event-ID': id }, NATIVE]) {
        const query = 'Last-Event-ID' in headers ? '' : `&lastEventId=${id}`
        const back = await ask('tokens=9', headers, query)
        await back.untilEnd()
        expect(back.events).toEqual(all.slice(index))
        expect(answerOf(back)).toBe(answerOf(first))
      }
    const over = await get('/chat/stream?message=hello', { ...NATIVE, 'Last-Event-ID': ids.at(-1) ?? '' })
    expect({ status: over.status, body: String(over.body) }).toEqual({ status: 204, body: '' })
  })

  it('says once that the place of who comes back is none of this answer, who then stays away', async () => {
    const first = await ask('tokens=4&pace=0')
    await first.untilEnd()
    const unknown = `${answerOf(first)}~2-${'0'.repeat(6)}`
    const back = await ask('tokens=9', { ...NATIVE, 'Last-Event-ID': unknown })
    await back.untilEnd()
    expect(back.events).toMatchObject([{ id: '~end', data: expect.stringContaining('"code":"not-found"') }])
    for (const method of ['GET', 'POST']) {
      const asking = request(method, '/chat/stream?message=hello', { ...NATIVE, 'Last-Event-ID': '~end' })
      const { status, body } = await exchange(server.port, asking)
      expect({ status, body: String(body) }).toEqual({ status: 204, body: '' })
    }
  })

  it('is asked once by an EventSource that does not close: after the end it stays away', async () => {
    const ids = new Set<string>()
    const data: string[] = []
    const source = new EventSource(`${server.url}/chat/stream?message=hello&model=${model('tokens=20&pace=1')}`)
    await new Promise<void>((resolve) => {
      source.onmessage = (message) => {
        data.push(message.data)
        ids.add(message.lastEventId.split('~')[0] ?? '')
      }
      source.onerror = () => source.readyState === EventSource.CLOSED && resolve()
    })
    expect(ids.size).toBe(1)
    expect(data.filter((each) => each === '[DONE]')).toHaveLength(1)
    expect(data).toHaveLength(22)
  })

  it('goes on without a reader, and is one answer for one key', async () => {
    const first = await ask('tokens=100&pace=5', NATIVE, '&key=question-1')
    await first.until('some of it', () => first.events.length > 10)
    first.cut('reset')
    const again = await ask('tokens=100&pace=5', NATIVE, '&key=question-1')
    await again.untilEnd()
    expect(answerOf(again)).toBe(answerOf(first))
    expect(again.events.slice(0, 10)).toEqual(first.events.slice(0, 10))
    expect(dataOf(again).at(-1)).toBe('[DONE]')
    expectRefusal(await get('/chat/stream?message=other&key=question-1'), as(422, 'idempotency-conflict'))
  })

  it('says what went wrong inside the stream, once, and an EventSource that comes back stays away', async () => {
    for (const after of [0, 3]) {
      const reader = await ask(`fail=rate-limited&pace=1&after=${after}`)
      await reader.untilEnd()
      expect(reader.events).toHaveLength(after + 1)
      expect(JSON.parse(dataOf(reader).at(-1) ?? '')).toEqual({
        error: { message: expect.any(String), type: 'invalid_request_error', code: 'upstream-busy', param: null },
      })
      const back = await get('/chat/stream?message=hello', {
        ...NATIVE,
        'Last-Event-ID': reader.events.at(-1)?.id ?? '',
      })
      expect(back.status).toBe(204)
    }
  })

  it.each(['cross-site', 'same-site', 'anything'])('refuses a page of another site: %s', async (site) => {
    const answer = await get('/chat/stream?message=hello', { ...NATIVE, 'Sec-Fetch-Site': site })
    expectRefusal(answer, as(403, 'origin-not-allowed'))
  })

  it.each(['same-origin', 'none'])('takes one of its own, and an address that was typed: %s', async (site) => {
    const reader = await ask('tokens=1', { ...NATIVE, 'Sec-Fetch-Site': site })
    expect(reader.head.status).toBe(200)
    reader.cut('reset')
  })

  it('asks nobody for HEAD', async () => {
    const { status, headers, body } = await exchange(server.port, request('HEAD', '/chat/stream?message=hello', NATIVE))
    expect({
      status,
      type: headers.get('content-type'),
      answer: headers.get('edge-sse-stream'),
      body: String(body),
    }).toEqual({
      status: 200,
      type: 'text/event-stream',
      answer: null,
      body: '',
    })
  })

  it.each([
    ['/chat/stream', as(400, 'invalid-parameter')],
    ['/chat/stream?message=', as(400, 'invalid-parameter')],
    ['/chat/stream?message=x&model=nobody', as(404, 'unknown-provider')],
    ['/chat/stream?message=x&model=https%3A%2F%2Fevil.example', as(404, 'unknown-provider')],
    ['/chat/stream?message=x&key=', as(400, 'invalid-idempotency-key')],
    ['/chat/stream?message=x&lastEventId=1-abcdef', as(400, 'invalid-last-event-id')],
    [`/chat/stream?message=x&lastEventId=${'0'.repeat(32)}~1-abcdef`, as(404, 'not-found')],
  ])('refuses %s', async (path, refusal) => {
    expectRefusal(await get(path), refusal)
  })
})

describe('POST', () => {
  it('streams where that is asked for, and on /chat/stream unless it is not', async () => {
    for (const [path, stream, type] of [
      ['/v1/chat/completions', undefined, 'application/json'],
      ['/v1/chat/completions', false, 'application/json'],
      ['/v1/chat/completions', true, 'text/event-stream'],
      ['/chat/stream', undefined, 'text/event-stream'],
      ['/chat/stream', false, 'application/json'],
    ] as const) {
      const { status, headers, body } = await post(path, asked('offline?tokens=2&pace=0', { stream }))
      expect({ status, type: headers.get('content-type')?.split(';')[0] }).toEqual({ status: 200, type })
      expect(headers.get('edge-sse-stream')).toMatch(/^[\da-f]{32}$/)
      expect(String(body)).toMatch(
        stream === false || type === 'application/json' ? /"content":"I am"/ : /data: \[DONE\]/,
      )
    }
  })

  it('has a status where it fails before it has begun, which clients of OpenAI understand', async () => {
    for (const stream of [true, false]) {
      const body = asked('offline?fail=rate-limited', { stream })
      const { status, headers, body: problem } = await post('/v1/chat/completions', body)
      expect({ status, wait: headers.get('retry-after') }).toEqual({ status: 429, wait: '7' })
      expect(JSON.parse(String(problem))).toMatchObject({
        type: '/problems/upstream-busy',
        error: { message: expect.any(String), type: 'invalid_request_error', code: 'upstream-busy', param: null },
      })
    }
  })

  it('goes on where its reader stopped, when it comes back with the last id', async () => {
    const { body } = await post('/chat/stream', asked('offline?tokens=5&pace=0'))
    const ids = [...String(body).matchAll(/^id: (\S+)$/gm)].map(([, id]) => id ?? '')
    const rest = await post('/chat/stream', asked('offline?tokens=9'), { 'Last-Event-ID': ids[3] ?? '' })
    expect(String(rest.body).match(/^data: .*$/gm)).toEqual(
      String(body)
        .match(/^data: .*$/gm)
        ?.slice(3),
    )
    const over = await post('/chat/stream', asked('offline?tokens=9'), { 'Last-Event-ID': ids.at(-1) ?? '' })
    expect(over.status).toBe(204)
  })

  it.each([
    [{ on_disconnect: 'never' }, as(400, 'invalid-parameter')],
    [{ messages: [] }, as(400, 'invalid-parameter')],
    [{ base_url: 'http://127.0.0.1' }, as(400, 'unknown-provider')],
    [{ model: 'nobody' }, as(404, 'unknown-provider')],
  ])('refuses %o', async (more, refusal) => {
    expectRefusal(await post('/chat/stream', asked('offline', more)), refusal)
  })
})

describe('an answer', () => {
  it('is read from its beginning by anybody who may, also when it is over', async () => {
    const first = await ask('tokens=50&pace=2')
    await first.until('its beginning', () => first.events.length > 0)
    const path = `/chat/${answerOf(first)}/events`
    const readers = [await EventReader.open(server.port, path), await EventReader.open(server.port, path)]
    await first.untilEnd()
    for (const reader of [...readers, await EventReader.open(server.port, path)]) {
      await reader.untilEnd()
      expect(reader.published.map(({ data }) => data)).toEqual(dataOf(first))
      expect(reader.published.map(({ id }) => `${answerOf(first)}~${id}`)).toEqual(first.events.map(({ id }) => id))
      expect(reader.events.at(-1)).toEqual({ id: '~end', event: 'stream.end', data: '{"reconnect":false}' })
    }
    const [, second] = first.events
    for (const id of [second?.id ?? '', second?.id?.split('~')[1] ?? '']) {
      const rest = await EventReader.open(server.port, path, { 'Last-Event-ID': id })
      await rest.untilEnd()
      expect(rest.published.map(({ data }) => data)).toEqual(dataOf(first).slice(2))
    }
    expect((await get(path, { 'Last-Event-ID': first.events.at(-1)?.id ?? '' })).status).toBe(204)
  })

  it('is stopped for all of its readers, which are told so, and is not asked again', async () => {
    const first = await ask('tokens=9999&pace=20')
    await first.until('its beginning', () => first.events.length > 2)
    const path = `/chat/${answerOf(first)}`
    const other = await EventReader.open(server.port, `${path}/events`)
    await other.untilLive()
    for (let times = 0; times < 2; times++)
      expect((await exchange(server.port, request('DELETE', path))).status).toBe(204)
    for (const reader of [first, other]) await reader.untilEnd()
    expect(JSON.parse(dataOf(first).at(-1) ?? '').error.code).toBe('producer-stopped')
    expect(JSON.parse(other.named('stream.error')[0]?.data ?? '').code).toBe('producer-stopped')
    expect([...dataOf(first), ...dataOf(other)]).not.toContain('[DONE]')
    expect((await get('/chat/stream', { ...NATIVE, 'Last-Event-ID': first.events.at(-1)?.id ?? '' })).status).toBe(204)
  })

  it('is a room of ours: nothing of it is to be found under /rooms', async () => {
    for (const room of ['~answer-1', '%7Eanswer-1'])
      expectRefusal(await get(`/rooms/${room}/events`), as(404, 'room-not-found'))
  })

  it.each(['0', 'x', 'stream2', '../rooms', '0'.repeat(32), '0'.repeat(33)])(
    'is absent under another id: %s',
    async (id) => {
      expectRefusal(await get(`/chat/${encodeURIComponent(id)}/events`), as(404, 'not-found'))
      const answer = await exchange(server.port, request('DELETE', `/chat/${encodeURIComponent(id)}`))
      expectRefusal(answer, as(404, 'not-found'))
    },
  )
})

it('GET /v1/models lists the models', async () => {
  const { status, body } = await get('/v1/models')
  expect({ status, body: JSON.parse(String(body)) }).toEqual({
    status: 200,
    body: { object: 'list', data: [{ id: 'offline', object: 'model', created: 0, owned_by: 'edge-sse' }] },
  })
})

describe('with tokens', () => {
  const ORIGIN = 'https://app.example'
  let guarded: Server
  const tokenFor = async (sub: string, can: string[] = ['answer']): Promise<Record<string, string>> => ({
    Authorization: `Bearer ${await tokenOf({ claims: { sub, can, rooms: undefined } })}`,
  })
  beforeAll(async () => {
    guarded = await launch({ EDGE_SSE_JWT_SECRET: JWT_SECRET, EDGE_SSE_ORIGINS: ORIGIN })
  })
  afterAll(() => guarded.close())
  const visit = (method: string, path: string, headers: Record<string, string>, body?: string): Promise<RawResponse> =>
    exchange(guarded.port, request(method, path, headers, body))

  it('row 49: an answer is there for who asked alone', async () => {
    const [ada, ben] = [await tokenFor('ada'), await tokenFor('ben')]
    const body = JSON.stringify(asked('offline?tokens=2&pace=0', { stream: true }))
    const answer = await visit('POST', '/v1/chat/completions', { ...ada, ...json }, body)
    const id = answer.headers.get('edge-sse-stream') ?? ''
    expect((await visit('GET', `/chat/${id}/events`, ada)).status).toBe(200)
    const cursor = `${id}~0`
    for (const [method, path, headers] of [
      ['GET', `/chat/${id}/events`, ben],
      ['DELETE', `/chat/${id}`, ben],
      ['GET', '/chat/stream?message=x', { ...ben, 'Last-Event-ID': cursor }],
    ] as const)
      expectRefusal(await visit(method, path, headers), as(404, 'not-found'))
    const key = { 'Idempotency-Key': 'the same' }
    const both = await Promise.all(
      [ada, ben].map((who) => visit('POST', '/chat/stream', { ...who, ...json, ...key }, body)),
    )
    const ids = both.map(({ body: text }) => /chatcmpl-offline-[\da-f-]+/.exec(String(text))?.[0])
    expect(new Set(ids).size).toBe(2)
  })

  it('row 49: an answer of a subject has no id under which who is nobody finds it', async () => {
    const [ada, nobody] = [await tokenFor('ada'), await tokenFor('')]
    const body = JSON.stringify(asked('offline?tokens=2&pace=0', { stream: true }))
    const answer = await visit('POST', '/chat/stream', { ...ada, ...json, 'Idempotency-Key': 'guessed' }, body)
    const id = answer.headers.get('edge-sse-stream') ?? ''
    expect(id).toBe(await digest('guessed'))
    for (const other of [id, await digest(JSON.stringify(['ada', id]))])
      expectRefusal(await visit('GET', `/chat/${other}/events`, nobody), as(404, 'not-found'))
  })

  it('needs the right `answer`', async () => {
    const eve = await tokenFor('eve', ['admin'])
    for (const [method, path, body] of [
      ['POST', '/v1/chat/completions', JSON.stringify(asked('offline'))],
      ['GET', '/chat/stream?message=x', undefined],
      ['GET', '/v1/models', undefined],
    ] as const) {
      const { status, body: problem } = await visit(method, path, { ...eve, ...(body && json) }, body)
      expect(status).toBe(403)
      if (path.startsWith('/v1/')) expect(JSON.parse(String(problem)).error.code).toBe('forbidden')
    }
  })

  it('lets a page of a listed origin send what the clients of OpenAI send, and read which answer it is', async () => {
    const headers = 'authorization,content-type,x-stainless-arch,x-stainless-retry-count'
    const preflight = {
      Origin: ORIGIN,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': headers,
    }
    const allowed = await visit('OPTIONS', '/v1/chat/completions', preflight)
    expect(allowed.headers.get('access-control-allow-headers')).toBe(headers)
    const elsewhere = await visit('OPTIONS', '/chat/stream', preflight)
    expect(elsewhere.headers.get('access-control-allow-headers')).not.toContain('stainless')
    const forged = { ...preflight, 'Access-Control-Request-Headers': '*' }
    expect(
      (await visit('OPTIONS', '/v1/chat/completions', forged)).headers.get('access-control-allow-headers'),
    ).not.toBe('*')
    const evil = await visit('OPTIONS', '/v1/chat/completions', { ...preflight, Origin: 'https://evil.example' })
    expect(evil.headers.get('access-control-allow-origin')).toBeNull()
    const body = JSON.stringify(asked('offline?tokens=1'))
    const answer = await visit(
      'POST',
      '/v1/chat/completions',
      { ...(await tokenFor('ada')), ...json, Origin: ORIGIN },
      body,
    )
    expect(answer.headers.get('access-control-expose-headers')).toContain('edge-sse-stream')
  })
})
