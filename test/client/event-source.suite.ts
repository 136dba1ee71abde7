/** The facts of the interface about our `EventSource`, on whatever runtime runs this; and what only ours can. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EventSource, type EventSourceOptions } from '../../src/client/event-source.ts'
import { SseError } from '../../src/errors.ts'
import { type Answer, logged, next, staying, stream } from './event-source-case.ts'
import { eventSourceCases } from './event-source-cases.ts'

const URL_THERE = 'http://events.example/stream'

/** Answers one after the other, then with 204. */
class Script {
  readonly requests: Request[] = []
  readonly #answers: Answer[]

  constructor(answers: Answer[]) {
    this.#answers = [...answers]
  }

  fetch = async (request: Request): Promise<Response> => {
    this.requests.push(request)
    const answer = this.#answers.shift()
    if (!answer) return new Response(null, { status: 204 })
    const { status = 200, type = 'text/event-stream', body = '', stays } = answer
    const bytes = new ReadableStream<Uint8Array>({
      start: (controller) => {
        if (body) controller.enqueue(new TextEncoder().encode(body))
        if (!stays) controller.close()
      },
    })
    return new Response(bytes, { status, headers: { 'content-type': type } })
  }

  open(options: EventSourceOptions = {}): EventSource {
    return new EventSource(URL_THERE, { fetch: this.fetch, minDelay: 1, ...options })
  }
}

type Report = (error: unknown) => void

/** As far as there is one. */
const { process, addEventListener, removeEventListener } = globalThis as unknown as {
  process?: {
    listeners?(name: 'uncaughtException'): Report[]
    on?(name: 'uncaughtException', listener: Report): void
    off?(name: 'uncaughtException', listener: Report): void
  }
  addEventListener?(type: 'error', listener: (event: Event & { error?: unknown }) => void): void
  removeEventListener?(type: 'error', listener: (event: Event & { error?: unknown }) => void): void
}

/** What listeners throw is reported to whoever runs the tests, who is not to see it. */
function expectUncaught(): { caught: unknown[]; stop(): void } {
  const caught: unknown[] = []
  const seen = process?.listeners?.('uncaughtException') ?? []
  const onEvent = (event: Event & { error?: unknown }): void => {
    event.preventDefault()
    event.stopImmediatePropagation()
    caught.push(event.error)
  }
  const onError = (error: unknown): void => void caught.push(error)
  for (const each of seen) process?.off?.('uncaughtException', each)
  process?.on?.('uncaughtException', onError)
  addEventListener?.('error', onEvent)
  return {
    caught,
    stop() {
      process?.off?.('uncaughtException', onError)
      for (const each of seen) process?.on?.('uncaughtException', each)
      removeEventListener?.('error', onEvent)
    },
  }
}

/** Registers the tests. `departures`: what is seen here in place of what should, by name of the case. */
export function eventSourceSuite(departures: Record<string, unknown> = {}): void {
  describe('EventSource', () => {
    let uncaught: ReturnType<typeof expectUncaught> | undefined
    beforeEach(({ task }) => {
      uncaught = task.name.includes('throws') ? expectUncaught() : undefined
    })
    afterEach(() => uncaught?.stop())

    it.each(eventSourceCases.map((each) => [each.name, each] as const))('%s', async (_, each) => {
      const script = new Script(each.answers)
      const found = await each.run((init) => script.open(init), URL_THERE, EventSource)
      expect(found).toEqual(each.name in departures ? departures[each.name] : each.expected)
      const asked = script.requests.map(({ headers }) => headers.get('last-event-id') ?? '')
      if (each.asked) expect(asked).toEqual(each.asked)
      if (each.throws)
        await expect
          .poll(() => [...new Set(uncaught?.caught.map(String))].sort())
          .toEqual(['a', 'b', 'open'].map((at) => `RangeError: thrown at ${at}`))
    })

    it('sends headers, made anew each time', async () => {
      const script = new Script([stream('retry: 1\nid: 1\ndata: a\n\n'), staying('data: b\n\n')])
      let count = 0
      const source = script.open({ headers: async () => ({ authorization: `Bearer ${++count}` }) })
      await logged(source, 'message', 2)
      expect(script.requests.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer 1', 'Bearer 2'])
    })

    it('posts a body', async () => {
      const script = new Script([staying('data: a\n\n')])
      const headers = { 'content-type': 'application/json' }
      await logged(script.open({ body: '{"question":"why"}', headers }), 'message')
      const [request] = script.requests as [Request]
      expect([request.method, request.headers.get('content-type'), await request.text()]).toEqual([
        'POST',
        'application/json',
        '{"question":"why"}',
      ])
    })

    it('fetches a ticket for each attempt, which is not in its URL', async () => {
      const script = new Script([stream('retry: 1\nid: 1\ndata: a\n\n'), staying('data: b\n\n')])
      let count = 0
      const source = script.open({ ticket: () => `t/${++count}` })
      await logged(source, 'message', 2)
      expect(script.requests.map(({ url }) => url)).toEqual([1, 2].map((n) => `${URL_THERE}?ticket=t%2F${n}`))
      expect(source.url).toBe(URL_THERE)
    })

    it('begins after an id that it is given', async () => {
      const script = new Script([staying('data: b\n\n')])
      expect(await logged(script.open({ lastEventId: '7' }), 'message')).toEqual(['open 1', 'message b 7'])
      expect(script.requests[0]?.headers.get('last-event-id')).toBe('7')
    })

    it('survives a 503, and says each time what it was', async () => {
      const script = new Script([{ status: 503 }, { status: 503 }, staying('data: a\n\n')])
      const source = script.open()
      const errors: unknown[] = []
      source.addEventListener('error', ({ error }) => void errors.push(error))
      expect(await logged(source, 'message')).toEqual(['error 0', 'error 0', 'open 1', 'message a'])
      for (const error of errors) expect(error).toMatchObject({ code: 'refused', status: 503 })
      expect(errors.length).toBe(2)
    })

    it.each([
      [{ status: 401 }, { code: 'refused', status: 401 }],
      [{ type: 'text/html' }, { code: 'not-an-event-stream' }],
      [stream(`data: ${'x'.repeat(100)}\n\n`), { code: 'buffer-limit' }],
    ] as [Answer, object][])('says what it is closed by: %j', async (answer, error) => {
      const source = new Script([answer]).open({ maxLength: 50 })
      const event = (await next(source, 'error')) as Event & { error?: unknown }
      expect(event.error).toBeInstanceOf(SseError)
      expect(event.error).toMatchObject(error)
      expect(source.readyState).toBe(EventSource.CLOSED)
    })

    it('is closed without an error where the server says that it was all', async () => {
      const script = new Script([stream('event: stream.end\ndata: {"reconnect":false}\n\n')])
      const source = script.open()
      const event = (await next(source, 'error')) as Event & { error?: unknown }
      expect([event.error, source.readyState, script.requests.length]).toEqual([undefined, 2, 1])
    })

    it('dispatches nothing once it is closed, not even what had been read', async () => {
      const headers = { 'content-type': 'text/event-stream' }
      const bytes = new TextEncoder().encode('data: a\n\n')
      // Between the bytes and the event are some turns of the queue of microtasks: it is closed at each of them.
      for (let turns = 0; turns < 60; turns++) {
        let stream: ReadableStreamDefaultController<Uint8Array> | undefined
        const body = new ReadableStream<Uint8Array>({
          start: (controller) => {
            stream = controller
          },
        })
        const source = new EventSource(URL_THERE, { fetch: async () => new Response(body, { headers }) })
        const seen: number[] = []
        source.onmessage = () => seen.push(source.readyState)
        await next(source, 'open')
        stream?.enqueue(bytes)
        for (let turn = 0; turn < turns; turn++) await undefined
        source.close()
        await new Promise((resolve) => setTimeout(resolve))
        expect(seen.filter((state) => state === EventSource.CLOSED)).toEqual([])
      }
    })

    it('is closed by a signal', async () => {
      const script = new Script([staying('data: a\n\n')])
      const controller = new AbortController()
      const source = script.open({ signal: controller.signal })
      await next(source, 'message')
      const closed = next(source, 'error')
      controller.abort()
      await closed
      expect(source.readyState).toBe(EventSource.CLOSED)
    })
  })
}
