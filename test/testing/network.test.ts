/** Handlers as a network reaches them, and servers that are scripted. */
import { describe, expect, it } from 'vitest'
import {
  ExpectationError,
  eventually,
  fetchOf,
  memoryRoom,
  openMessages,
  readMessages,
  responseOf,
  scriptedFetch,
  streamOf,
} from '../../src/testing.ts'

const messageOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'it did not reject',
    (error) => error.message,
  )

describe('readMessages', () => {
  const stream = { 'content-type': 'text/event-stream' }
  const plain = { 'content-type': 'text/plain' }
  it.each<[string, Response, string]>([
    ['the status is 503', new Response('', { status: 503, headers: stream }), 'with text/event-stream'],
    [
      'the status is 403, with application/problem+json',
      Response.json(
        { title: 'No right', detail: 'Cannot read: \u001b[31mno right' },
        { status: 403, headers: { 'content-type': 'application/problem+json' } },
      ),
      ': Cannot read: \\u{1b}[31mno right',
    ],
    ['the status is 404, with application/json', Response.json({ title: 'None' }, { status: 404 }), ': None'],
    [
      'the status is 500, with text/plain',
      new Response('x'.repeat(99_999), { status: 500, headers: plain }),
      `: ${'x'.repeat(300)}…`,
    ],
    ['the status is 204', new Response(null, { status: 204 }), 'the status is 204'],
    ['the type is text/plain', new Response('data: a\n\n', { headers: plain }), ': data: a\\u{a}'],
    ['the type is not said', new Response(new Uint8Array([97])), ': a'],
    ['there is no body', new Response(null, { headers: stream }), 'no body'],
  ])('says at once that %s, and what the answer says of it', async (what, response, detail) => {
    const error = await readMessages(response).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ExpectationError)
    expect((error as Error).message).toContain(`Cannot read messages: ${what}`)
    expect((error as Error).message).toContain(detail)
    expect((error as Error).message.length).toBeLessThan(450)
  })

  it('takes a type with parameters, in whatever case', async () => {
    const headers = { 'content-type': 'Text/Event-Stream; charset=utf-8' }
    await (await readMessages(new Response('data: a\n\n', { headers }))).expect({ data: 'a' })
  })

  it('takes an answer of any class', async () => {
    const { status, headers, body } = responseOf([{ data: 'a' }])
    const messages = await readMessages({ status, headers, body } as Response)
    await messages.expect({ data: 'a' })
    const stream = streamOf([{ data: 'b' }])
    const other = await readMessages({ getReader: () => stream.getReader() } as ReadableStream<Uint8Array>)
    await other.expect({ data: 'b' })
  })

  it('says that there was no answer, and does not wait for a refusal that stalls', async () => {
    expect(await messageOf(readMessages(new Promise<Response>(() => {}), { timeout: 10 }))).toBe(
      'Cannot read messages: there was no answer in 0.01 s',
    )
    const server = scriptedFetch([{ status: 500, messages: ['no'], then: 'stall' }])
    expect(await messageOf(readMessages(server.fetch('/'), { timeout: 10 }))).toBe(
      'Cannot read messages: the status is 500, with text/event-stream: no',
    )
    await (await server.attempt(1)).left()
  })

  it('reads of a refusal that does not end what it tells, and leaves', async () => {
    let isClosed = false
    const pieces = function* (): Generator<string> {
      try {
        for (;;) yield 'no '
      } finally {
        isClosed = true
      }
    }
    expect(await messageOf(readMessages(new Response(streamOf(pieces()), { status: 500 })))).toMatch(/: (no ){100}…$/)
    await eventually(() => isClosed)
  })
})

describe('openMessages', () => {
  it('asks as a reader, with the id it comes back with', async () => {
    const asked: Request[] = []
    const handler = (request: Request): Response => {
      asked.push(request)
      return responseOf([{ data: 'a' }])
    }
    await openMessages(handler, '/events?x=1')
    await openMessages(handler, new URL('https://a.example/'), { lastEventId: '7' })
    await openMessages(
      handler,
      new Request('https://a.example/', { method: 'POST', body: 'b', headers: { 'x-mine': 'c' } }),
    )
    expect(asked.map(({ url }) => url)).toEqual([
      'http://localhost/events?x=1',
      'https://a.example/',
      'https://a.example/',
    ])
    expect(
      asked.map(({ headers }) => [headers.get('accept'), headers.get('last-event-id'), headers.get('x-mine')]),
    ).toEqual([
      ['text/event-stream', null, null],
      ['text/event-stream', '7', null],
      [null, null, 'c'],
    ])
    expect(await asked[2]?.text()).toBe('b')
  })
})

describe('fetchOf', () => {
  it('rejects with why the client aborts, before, while it waits and while it reads', async () => {
    const reason = new Error('enough')
    expect(await messageOf(fetchOf(() => responseOf([]))('/', { signal: AbortSignal.abort(reason) }))).toBe('enough')

    for (const handler of [() => new Promise<Response>(() => {}), () => new Response(new ReadableStream())]) {
      let seen: AbortSignal | undefined
      const client = new AbortController()
      const fetch = fetchOf((request) => {
        seen = request.signal
        return handler()
      })
      const reading = fetch('/', { signal: client.signal }).then((response) => response.text())
      await eventually(() => seen)
      client.abort(reason)
      expect(await messageOf(reading)).toBe('enough')
      await eventually(() => seen?.aborted)
    }
  })

  it('tells the handler that a client has left which cancels the body', async () => {
    const cancelled = Promise.withResolvers<unknown>()
    let signal: AbortSignal | undefined
    const response = await fetchOf((request) => {
      signal = request.signal
      return new Response(new ReadableStream({ cancel: (reason) => void cancelled.resolve(reason) }))
    })('/')
    expect(signal?.aborted).toBe(false)
    await response.body?.cancel()
    await cancelled.promise
    expect(signal?.aborted).toBe(true)
  })

  it('hands over method, headers, body and status, and rejects with what the handler throws', async () => {
    const fetch = fetchOf(async (request) => {
      if (request.method === 'GET') throw new TypeError('refused')
      return new Response(await request.text(), {
        status: 201,
        headers: { 'x-mine': request.headers.get('x-mine') ?? '' },
      })
    })
    const response = await fetch('/', { method: 'POST', headers: { 'x-mine': 'a' }, body: 'b' })
    expect([response.status, response.headers.get('x-mine'), await response.text()]).toEqual([201, 'a', 'b'])
    expect(await messageOf(fetch('/'))).toBe('refused')
  })

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['string', 'hello'],
    ['object', { fetch: () => new Response() }],
  ])('says that the handler gave no Response (%s)', async (what, given) => {
    const fetch = fetchOf((() => given) as never)
    expect(await messageOf(fetch('/'))).toBe(`Cannot ask the handler: it gave no Response (${what})`)
  })

  it('aborts nothing that was read to its end, or has no body', async () => {
    const client = new AbortController()
    const seen: Request[] = []
    const fetch = fetchOf((request) => {
      seen.push(request)
      return seen.length === 1 ? responseOf([{ data: 'a' }]) : new Response(null, { status: 204 })
    })
    await (await fetch('/', { signal: client.signal })).text()
    await fetch('/', { signal: client.signal })
    client.abort()
    expect(seen.map(({ signal }) => signal.aborted)).toEqual([false, false])
  })
})

describe('scriptedFetch', () => {
  it('fits where the global one does', async () => {
    const fetches: (typeof globalThis.fetch)[] = [scriptedFetch([{}]).fetch, fetchOf(() => responseOf([]))]
    for (const fetch of fetches) expect((await fetch('http://localhost/')).status).toBe(200)
  })

  it('answers each attempt with its step, and keeps what was asked', async () => {
    const server = scriptedFetch([
      { status: 503, headers: { 'retry-after': '1' }, body: 'busy' },
      'network-error',
      { messages: [': hello\n\n', { id: '1', data: { a: 1 } }] },
      async (request) => Response.json({ said: await request.text() }),
      { status: 204 },
    ])
    const busy = await server.fetch('/a', { headers: { 'last-event-id': '0' } })
    expect([busy.status, busy.headers.get('retry-after'), await busy.text()]).toEqual([503, '1', 'busy'])
    await expect(server.fetch('/b')).rejects.toBeInstanceOf(TypeError)
    const messages = await readMessages(server.fetch('/c'))
    await messages.expectComment('hello')
    await messages.expect({ id: '1', data: { a: 1 } })
    await messages.expectEnd()
    const posted = await server.fetch('/d', { method: 'POST', body: 'told' })
    expect(await posted.json()).toEqual({ said: 'told' })
    expect([(await server.fetch('/e')).status, (await server.fetch('/e').catch((error) => error)).message]).toEqual([
      204,
      'Cannot answer attempt 6: the script has 5 steps',
    ])
    expect(server.attempts.map(({ number, url, method }) => `${number} ${method} ${new URL(url).pathname}`)).toEqual([
      '1 GET /a',
      '2 GET /b',
      '3 GET /c',
      '4 POST /d',
      '5 GET /e',
      '6 GET /e',
    ])
    expect(server.attempts[0]?.headers.get('last-event-id')).toBe('0')
    expect(await server.attempts[3]?.text()).toBe('told')
  })

  it('lets the client read what was said before it ends, cuts or falls silent', async () => {
    const said = [{ data: 'a' }, { data: 'b' }]
    const server = scriptedFetch([
      { messages: said, then: 'cut' },
      { messages: said, then: 'stall' },
    ])
    const cut = await readMessages(server.fetch('/'))
    await cut.take(2)
    await cut.expectCut()
    const stalled = await readMessages(server.fetch('/'))
    await stalled.take(2)
    const attempt = await server.attempt(2)
    const next = stalled.next()
    attempt.send({ data: 'c' }, 'data: d\n\n')
    expect([await next, await stalled.next()]).toEqual([{ data: 'c' }, { data: 'd' }])
    attempt.end()
    await stalled.expectEnd()
    expect(attempt.hasLeft).toBe(false)
  })

  it('tells that the client has left, or has not', async () => {
    const server = scriptedFetch([{ then: 'stall' }, { then: 'stall' }])
    const messages = await readMessages(server.fetch('/'))
    const attempt = await server.attempt(1)
    expect(await messageOf(attempt.left({ timeout: 10 }))).toBe(
      'Cannot wait for attempt 1 to end: its client is there after 0.01 s',
    )
    await messages.cancel()
    await attempt.left()
    expect(attempt.hasLeft).toBe(true)
    const client = new AbortController()
    const reading = (await server.fetch('/', { signal: client.signal })).text()
    client.abort()
    await messageOf(reading)
    await (await server.attempt(2)).left()
  })

  it('waits for an attempt, and says when it is not made', async () => {
    const server = scriptedFetch([{}, {}])
    const second = server.attempt(2)
    await server.fetch('/')
    await server.fetch('/')
    expect((await second).number).toBe(2)
    expect(await messageOf(server.attempt(3, { timeout: 10 }))).toBe(
      'Cannot wait for attempt 3: it was not made in 0.01 s, 2 were',
    )
  })
})

describe('memoryRoom', () => {
  it('is a room with its log, its readers and a fetch', async () => {
    const { room, fetch, join, messages } = memoryRoom({ retention: { events: 1_000 } })
    await using reader = await join({ ignore: ['stream.presence'] })
    await reader.expect({ event: 'stream.live', id: '0' })
    const posted = await fetch('/', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"event":"chat","data":{"n":1}}',
    })
    expect(posted.status).toBe(201)
    const { id } = (await posted.json()) as { id: string }
    await reader.expect({ event: 'chat', data: { n: 1 }, id })
    await room.publish({ data: 'two' })
    expect(await messages()).toEqual([
      { id, event: 'chat', data: '{"n":1}' },
      { id: expect.stringMatching(/^2-/), data: 'two' },
    ])
    await using again = await join({ lastEventId: reader.lastEventId })
    await again.expect({ data: 'two' })
    await using late = await join({ from: 1 })
    await late.expect({ data: 'two' })
    await using other = await readMessages(fetch('/?from=start'))
    await other.expect({ id })
    expect((await fetch('/', { method: 'POST', body: 'x' })).status).toBe(415)
  })
})

describe('eventually', () => {
  it('gives what the condition gives once it gives something, also where it throws before', async () => {
    let asked = 0
    const value = await eventually(async () => {
      if (++asked === 1) throw new Error('not yet')
      return asked === 3 && 'now'
    })
    expect([value, asked]).toEqual(['now', 3])
  })

  it('says that it did not hold, with what was thrown last', async () => {
    const cause = new Error('not yet')
    const error = await eventually(
      () => {
        throw cause
      },
      { timeout: 10 },
    ).catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      code: 'not-as-expected',
      message: 'Cannot go on: what is waited for did not hold in 0.01 s',
      cause,
    })
    await expect(eventually(() => new Promise(() => {}), { timeout: 10 })).rejects.toBeInstanceOf(ExpectationError)
  })

  it('refuses a limit that is none', async () => {
    await expect(eventually(() => true, { timeout: Number.NaN })).rejects.toMatchObject({ code: 'invalid-option' })
  })
})
