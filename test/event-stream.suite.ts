/** What streams promise, on whatever runtime runs this: `event-stream.test.ts` is Node, `workerd/` is workerd. */
import { afterEach, describe, expect, it, type Mock, vi } from 'vitest'
import { SseError } from '../src/errors.ts'
import { eventStream, type Source, type SourceContext } from '../src/event-stream.ts'
import { EventStreamWriter, type EventStreamWriterOptions } from '../src/event-stream-writer.ts'
import type { Message } from '../src/message.ts'
import { ndjsonStream } from '../src/ndjson-stream.ts'
import { StreamWriter } from '../src/stream-writer.ts'
import { textStream } from '../src/text-stream.ts'
import { BodyReader } from './body-reader.ts'
import { HEARTBEAT, UNCOMPRESSED } from './runtime.ts'

export const END = 'event: stream.end\ndata: {"reconnect":false}\nid: ~end\n\n'
export const FAILED = 'event: stream.error\ndata: {"code":"internal-error","message":"The stream failed"}\n\n'
const COME_BACK = 'event: stream.end\ndata: {"reconnect":true}\n\n'
const OPENING = /^: heartbeat=[\d.]+\n\nretry: \d+\n\n/

/** One turn of the event loop. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))

/** What `count` has come to once it stands still for ten turns. */
async function still(count: () => number): Promise<number> {
  let last = count()
  for (let turns = 0; turns < 10; turns++) {
    await turn()
    if (count() !== last) turns = 0
    last = count()
  }
  return last
}

/** A promise to be settled by hand. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

/** Waits for what takes a signal; rejects when it aborts, as `fetch` does. */
const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })

/** A message that is exactly `bytes` long on the wire. */
const messageOf = (bytes: number): Message => ({ data: 'x'.repeat(bytes - 'data: \n\n'.length) })

/** Sends more than both sides of the stream hold, so that the last promise has to wait. */
const overfill = (stream: EventStreamWriter): { sent: Promise<boolean>; settled: () => boolean } => {
  let settled = false
  const sends = Array.from({ length: 5 }, () => stream.send(messageOf(1000)))
  const sent = (sends.at(-1) as Promise<boolean>).finally(() => {
    settled = true
  })
  return { sent, settled: () => settled }
}

/** Registers the tests. */
export function eventStreamSuite(): void {
  let reader = new AbortController()
  /** Held as a server does: what waits for an abort, and nothing else, is garbage to Node with the request it waits for. */
  const held: Request[] = []
  /** A request whose reader leaves with `reader.abort()`, and does so after each test. */
  const request = (query = '', init: RequestInit = {}): Request => {
    const made = new Request(`http://localhost/sse${query}`, { signal: reader.signal, ...init })
    held.push(made)
    return made
  }

  afterEach(() => {
    reader.abort()
    held.splice(0)
    reader = new AbortController()
    vi.restoreAllMocks()
  })

  /** Streams to the end, and gives the text after the opening. */
  async function wire(source: Source, options: EventStreamWriterOptions = {}): Promise<string> {
    const text = await eventStream(request(), source, options).text()
    expect(text).toMatch(OPENING)
    return text.replace(OPENING, '')
  }

  /** Both ways in which a reader can leave. */
  const LEAVING: [string, (body: BodyReader) => unknown][] = [
    ['cancels the body', (body) => body.cancel()],
    ['aborts the request', () => reader.abort()],
  ]

  describe('eventStream', () => {
    describe('the opening', () => {
      it('is the first chunk: a heartbeat comment and a retry between 1 and 3 seconds', async () => {
        const retries = new Set<number>()
        const opening = new RegExp(`^: heartbeat=${HEARTBEAT}\n\nretry: (\\d+)\n\n$`)
        for (let streams = 0; streams < 50; streams++) {
          const body = new BodyReader(eventStream(request(), ({ signal }) => waiting(signal)).body)
          const [, retry] = opening.exec((await body.next()) ?? '') ?? []
          expect(Number(retry)).toBeGreaterThanOrEqual(1000)
          expect(Number(retry)).toBeLessThanOrEqual(3000)
          retries.add(Number(retry))
        }
        expect(retries.size).toBeGreaterThan(10) // Readers that were cut together do not come back together.
      })

      it('says what the options say', async () => {
        const body = new BodyReader(
          eventStream(request(), ({ signal }) => waiting(signal), { heartbeat: 2500, retry: 100_000 }).body,
        )
        const [, retry] = /^: heartbeat=2.5\n\nretry: (\d+)\n\n$/.exec((await body.next()) ?? '') ?? []
        expect(Number(retry)).toBeGreaterThanOrEqual(50_000)
        expect(Number(retry)).toBeLessThanOrEqual(150_000)
      })
    })

    describe('the response', () => {
      it('has the headers that keep proxies from buffering', () => {
        const { status, headers } = eventStream(request(), [])
        expect(status).toBe(200)
        expect(Object.fromEntries(headers)).toEqual({
          'cache-control': 'no-cache, no-transform',
          'content-type': 'text/event-stream',
          'x-accel-buffering': 'no',
          'x-content-type-options': 'nosniff',
        })
      })

      it('takes a status and further headers', () => {
        const { status, headers } = eventStream(request(), [], {
          status: 201,
          headers: { 'Cache-Control': 'no-store', 'X-Mine': 'a' },
        })
        expect(status).toBe(201)
        expect(headers.get('cache-control')).toBe('no-store')
        expect(headers.get('x-mine')).toBe('a')
        expect(headers.get('x-accel-buffering')).toBe('no')
      })

      it('keeps its content type', () => {
        const headers = [['Content-Type', 'text/html']] as [string, string][]
        expect(eventStream(request(), [], { headers }).headers.get('content-type')).toBe('text/event-stream')
      })
    })

    describe('the source', () => {
      const messages: Message[] = [{ data: 1 }, { event: 'b', data: 'two', id: '2' }]
      function* generator(): Generator<Message> {
        yield* messages
      }
      async function* asyncGenerator(): AsyncGenerator<Message> {
        yield* messages
      }
      const sources: [string, () => Source][] = [
        ['an array', () => messages],
        ['an iterable', () => new Set(messages)],
        ['a generator', generator],
        ['an async generator', asyncGenerator],
        ['a function that returns an array', () => () => messages],
        ['a generator function', () => generator],
        ['an async generator function', () => asyncGenerator],
        ['a stream', () => streamOf(messages)],
      ]
      it.each(sources)('may be %s', async (_, source) => {
        expect(await wire(source())).toBe(`data: 1\n\nevent: b\ndata: two\nid: 2\n\n${END}`)
      })

      it('may be empty', async () => {
        expect(await wire([])).toBe(END)
      })

      it('is read before it goes on: the first message is out while the source still waits', async () => {
        const more = gate()
        const body = new BodyReader(
          eventStream(request(), async function* () {
            yield { data: 'first' }
            await more.opened
            yield { data: 'second' }
          }).body,
        )
        await body.until('data: first\n\n')
        expect(body.text).not.toContain('second')
        more.open()
        await body.until('data: second\n\n')
      })

      it('is read message by message: each is out before the next exists', async () => {
        const gates = Array.from({ length: 20 }, gate)
        const body = new BodyReader(
          eventStream(request(), async function* () {
            for (const [n, { opened }] of gates.entries()) {
              yield { data: `number ${n}.` }
              await opened
            }
          }).body,
        )
        for (const [n, { open }] of gates.entries()) {
          await body.until(`data: number ${n}.\n\n`)
          expect(body.text).not.toContain(`number ${n + 1}.`)
          open()
        }
        expect(await body.rest()).toMatch(/data: number 19\.\n\nevent: stream\.end\n/)
      })

      it.each([
        ['nothing', '', {}, ''],
        ['the header', '', { 'last-event-id': '7' }, '7'],
        ['the query', '?lastEventId=5', {}, '5'],
        ['the header rather than the query', '?lastEventId=5', { 'last-event-id': '7' }, '7'],
        ['an empty query', '?lastEventId=', {}, ''],
      ])('is given the last event id: %s', async (_, query, headers, lastEventId) => {
        const source: Mock<(context: SourceContext) => Message[]> = vi.fn(() => [])
        const asked = request(query, { headers })
        await eventStream(asked, source).text()
        expect(source).toHaveBeenCalledOnce()
        expect(source).toHaveBeenCalledWith({ request: asked, signal: expect.any(AbortSignal), lastEventId })
      })
    })

    describe('a request that needs no stream', () => {
      /** A source that notices any touch. */
      const untouched = (): { source: Mock<() => Message[]>; iterable: Iterable<Message>; iterated: Mock } => {
        const iterated = vi.fn(() => [][Symbol.iterator]())
        return { source: vi.fn(() => []), iterable: { [Symbol.iterator]: iterated }, iterated }
      }

      it.each([
        ['header', '', { 'last-event-id': '~end' }],
        ['query', '?lastEventId=~end', {}],
      ])(
        'is answered 204 when its %s says that it has read the end, and the source is not run',
        async (_, query, headers) => {
          const { source, iterable, iterated } = untouched()
          for (const each of [source, iterable]) {
            const response = eventStream(request(query, { headers }), each)
            expect(response.status).toBe(204)
            expect(response.body).toBeNull()
            expect(response.headers.get('cache-control')).toBe('no-store')
          }
          await turn()
          expect(source).not.toHaveBeenCalled()
          expect(iterated).not.toHaveBeenCalled()
        },
      )

      it('is answered with the headers alone when it is a HEAD', async () => {
        const { source, iterable, iterated } = untouched()
        for (const each of [source, iterable]) {
          const response = eventStream(request('', { method: 'HEAD' }), each, { headers: { 'x-mine': 'a' } })
          expect(response.status).toBe(200)
          expect(response.body).toBeNull()
          expect(response.headers.get('content-type')).toBe('text/event-stream')
          expect(response.headers.get('x-mine')).toBe('a')
        }
        await turn()
        expect(source).not.toHaveBeenCalled()
        expect(iterated).not.toHaveBeenCalled()
      })

      it('is answered with the status that a GET would get when it is a HEAD', () => {
        expect(eventStream(request('', { method: 'HEAD' }), [], { status: 201 }).status).toBe(201)
      })
    })

    describe('the end', () => {
      it('is exactly one block with an id and data', async () => {
        expect(await wire([{ data: 'a' }])).toBe(`data: a\n\n${END}`)
      })

      it('is not written with end: false', async () => {
        expect(await wire([{ data: '[DONE]' }], { end: false })).toBe('data: [DONE]\n\n')
      })
    })

    describe('a source that throws', () => {
      const secret = new Error('password hunter2')
      const sources: [string, () => Source, string][] = [
        [
          'after a message',
          () =>
            (async function* () {
              yield { data: 'a' }
              throw secret
            })(),
          'data: a\n\n',
        ],
        [
          'synchronously, as a generator',
          () =>
            (function* () {
              yield { data: 'a' }
              throw secret
            })(),
          'data: a\n\n',
        ],
        [
          'before it returns an iterable',
          () => () => {
            throw secret
          },
          '',
        ],
        [
          'from an iterator of its own',
          () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(secret) }) }),
          '',
        ],
      ]
      it.each(sources)('%s tells onError, and its reader only that it failed', async (_, source, before) => {
        const onError = vi.fn()
        expect(await wire(source(), { onError })).toBe(`${before}${FAILED}${END}`)
        expect(onError).toHaveBeenCalledOnce()
        expect(onError.mock.calls[0]?.[0]).toBe(secret)
      })

      it.each<[string, unknown]>([
        ['nothing', undefined],
        ['null', null],
        ['a string', 'hello'],
        ['an object', { data: 'hello' }],
        ['a function that gives a promise', async () => [{ data: 'hello' }]],
        ['a function that gives nothing', () => {}],
      ])('%s, which is no source, is said to be none', async (_, source) => {
        const onError = vi.fn()
        expect(await wire(source as Source, { onError })).toBe(`${FAILED}${END}`)
        expect(onError.mock.calls[0]?.[0]).toMatchObject({
          code: 'invalid-option',
          message: 'Cannot stream: the source is neither an iterable nor a function that returns one',
        })
      })

      it('is logged where there is no onError', async () => {
        const log = vi.spyOn(console, 'error').mockImplementation(() => {})
        await wire(() => {
          throw secret
        })
        expect(log).toHaveBeenCalledExactlyOnceWith(secret)
      })

      it('tells its reader that it failed with end: false too', async () => {
        expect(
          await wire(
            () => {
              throw secret
            },
            { end: false, onError: () => {} },
          ),
        ).toBe(FAILED)
      })

      it('says the last words of a format of its own instead, or none', async () => {
        const fails = (): never => {
          throw secret
        }
        const own = { reconnect: { data: 'cut' }, failed: { data: 'failed' } }
        expect(await wire(fails, { end: own, onError: () => {} })).toBe('data: failed\n\n')
        expect(await wire(fails, { end: {}, onError: () => {} })).toBe('')
        expect(await wire([{ data: '[DONE]' }], { end: own })).toBe('data: [DONE]\n\n')
        async function* old({ signal }: SourceContext): AsyncGenerator<Message> {
          yield { data: 'a', id: '1' }
          await aborted(signal)
        }
        expect(await wire(old, { end: own, maxAge: 20 })).toBe('data: a\nid: 1\n\ndata: cut\n\n')
        expect(await wire(old, { end: {}, maxAge: 20 })).toBe('data: a\nid: 1\n\n')
      })

      it('tells its reader that it failed although onError throws', async () => {
        vi.spyOn(console, 'error').mockImplementation(() => {})
        expect(
          await wire(
            () => {
              throw secret
            },
            {
              onError: () => {
                throw new Error('the log is full')
              },
            },
          ),
        ).toBe(`${FAILED}${END}`)
      })
    })

    describe('a message that cannot be encoded', () => {
      it.each([
        ['a newline in the id', { data: 'a', id: 'a\nb' }, 'id'],
        ['the id of the end', { data: 'a', id: '~end' }, 'id'],
        ['no data', {} as Message, 'data'],
      ])('(%s) tells onError, and the reader only that the stream failed', async (_, message, field) => {
        const onError = vi.fn()
        const cleaned = vi.fn()
        const text = await wire(
          async function* () {
            try {
              yield { data: 'before' }
              yield message
              yield { data: 'after' }
            } finally {
              cleaned()
            }
          },
          { onError },
        )
        expect(text).toBe(`data: before\n\n${FAILED}${END}`)
        expect(onError).toHaveBeenCalledOnce()
        expect(onError.mock.calls[0]?.[0]).toBeInstanceOf(SseError)
        expect(onError.mock.calls[0]?.[0]).toMatchObject({ code: 'cannot-encode', field })
        expect(cleaned).toHaveBeenCalledOnce()
      })

      it('is what onError gets although the source fails to clean up', async () => {
        const onError = vi.fn()
        await wire(
          (function* () {
            try {
              yield { data: 'a', id: 'a\nb' }
            } finally {
              // biome-ignore lint/correctness/noUnsafeFinally: this is what a clean-up that fails looks like
              throw new Error('clean-up failed')
            }
          })(),
          { onError },
        )
        expect(onError).toHaveBeenCalledOnce()
        expect(onError.mock.calls[0]?.[0]).toMatchObject({ code: 'cannot-encode' })
      })
    })

    describe.each(LEAVING)('a reader that leaves and %s', (_, leave) => {
      it('aborts the signal once, and ends a generator that waits on something that takes it', async () => {
        const cleaned = gate()
        const onAbort = vi.fn()
        const onError = vi.fn()
        const body = new BodyReader(
          eventStream(
            request(),
            async function* ({ signal }) {
              signal.addEventListener('abort', onAbort)
              try {
                yield { data: 'a' }
                await aborted(signal)
              } finally {
                cleaned.open()
              }
            },
            { onError },
          ).body,
        )
        await body.until('data: a\n\n')
        await leave(body)
        reader.abort()
        await cleaned.opened
        await turn()
        expect(onAbort).toHaveBeenCalledOnce()
        expect(onError).not.toHaveBeenCalled()
      })

      it('closes an iterator whose next() never settles', async () => {
        const returned = gate()
        const asked = gate()
        const source: AsyncIterable<Message> = {
          [Symbol.asyncIterator]: () => ({
            next() {
              asked.open()
              return new Promise(() => {})
            },
            return() {
              returned.open()
              return Promise.resolve({ done: true, value: undefined })
            },
          }),
        }
        const body = new BodyReader(eventStream(request(), source).body)
        await asked.opened
        await leave(body)
        await returned.opened
      })

      it('ends a source that waits for room', async () => {
        const cleaned = gate()
        const onError = vi.fn()
        let asked = 0
        const response = eventStream(
          request(),
          (function* () {
            try {
              for (;;) {
                asked++
                yield messageOf(1000)
              }
            } finally {
              cleaned.open()
            }
          })(),
          { budget: 1000, onError },
        )
        await still(() => asked)
        await leave(new BodyReader(response.body))
        await cleaned.opened
        expect(onError).not.toHaveBeenCalled()
      })

      it('does not care that the source fails to clean up', async () => {
        const onError = vi.fn()
        const cleaned = gate()
        let asked = 0
        const response = eventStream(
          request(),
          (function* () {
            try {
              for (;;) {
                asked++
                yield messageOf(1000)
              }
            } finally {
              cleaned.open()
              // biome-ignore lint/correctness/noUnsafeFinally: this is what a clean-up that fails looks like
              throw new Error('clean-up failed')
            }
          })(),
          { budget: 1000, onError },
        )
        await still(() => asked)
        await leave(new BodyReader(response.body))
        await cleaned.opened
        await turn()
        expect(onError).not.toHaveBeenCalled()
      })
    })

    it('resolves the cancel of a reader that leaves while the source waits', async () => {
      const body = new BodyReader(eventStream(request(), ({ signal }) => waiting(signal)).body)
      await body.next()
      await turn()
      await expect(body.cancel()).resolves.toBeUndefined()
    })

    it('drops what is queued, and breaks the body off, when the request aborts', async () => {
      let asked = 0
      const response = eventStream(
        request(),
        (function* () {
          for (;;) {
            asked++
            yield messageOf(1000)
          }
        })(),
        { budget: 3000 },
      )
      await still(() => asked)
      const body = new BodyReader(response.body)
      reader.abort()
      await expect(body.closed).rejects.toBeUndefined()
      await expect(body.next()).rejects.toBeUndefined()
    })

    it('does not ask a source whose reader has left already', async () => {
      reader.abort()
      const ran = vi.fn()
      const response = eventStream(request(), async function* () {
        ran()
        yield { data: 'a' }
      })
      await turn()
      await expect(response.text()).rejects.toBeUndefined()
      expect(ran).not.toHaveBeenCalled()
    })

    describe('a reader that does not read', () => {
      const BUDGET = 10_000
      it.each([100, 1000, 9_999, 25_000])(
        'is sent no more than its budget allows, in messages of %d bytes',
        async (bytes) => {
          let asked = 0
          const response = eventStream(
            request(),
            (function* () {
              for (;;) {
                asked += bytes
                yield messageOf(bytes)
              }
            })(),
            { budget: BUDGET },
          )
          // The beginning of the stream counts too, and one message may lie across the mark.
          const waiting = await still(() => asked)
          expect(waiting).toBeGreaterThan(BUDGET - 100)
          expect(waiting).toBeLessThan(BUDGET + bytes)

          const body = new BodyReader(response.body)
          for (let more = waiting; more < 20 * BUDGET; more += bytes) await body.next()
          expect(await still(() => asked)).toBeGreaterThan(waiting + 10 * BUDGET) // It went on as it was read.
          await body.cancel()
        },
      )

      it('does not keep a source from finishing what the budget holds', async () => {
        const finished = gate()
        const response = eventStream(
          request(),
          (function* () {
            yield messageOf(100)
            yield messageOf(100)
            finished.open()
          })(),
        )
        await finished.opened
        expect((await response.text()).replace(OPENING, '')).toBe(`${`data: ${'x'.repeat(92)}\n\n`.repeat(2)}${END}`)
      })
    })

    describe('the greatest age', () => {
      it('sends a reader that has an id to reconnect, without an id, and stops the source', async () => {
        const cleaned = gate()
        const onError = vi.fn()
        let context: SourceContext | undefined
        const text = await wire(
          async function* (given) {
            context = given
            try {
              yield { data: 'a', id: '1' }
              await aborted(given.signal)
            } finally {
              cleaned.open()
            }
          },
          { maxAge: 20, onError },
        )
        expect(text).toBe(`data: a\nid: 1\n\n${COME_BACK}`)
        await cleaned.opened
        expect(context?.signal.aborted).toBe(true)
        expect(onError).not.toHaveBeenCalled()
      })

      it('does not hold for a source that has given no id', async () => {
        const body = new BodyReader(
          eventStream(
            request(),
            async function* ({ signal }) {
              yield { data: 'a' }
              await aborted(signal)
            },
            { maxAge: 1, heartbeat: 5 },
          ).body,
        )
        await body.until('data: a\n\n')
        // Each beat comes at least 5 ms after the one before: the age of 1 ms is long over.
        await body.until(': \n\n: \n\n: \n\n')
        expect(body.text).not.toContain('stream.end')
      })
    })

    it('sends a comment in silence, again and again', async () => {
      const body = new BodyReader(eventStream(request(), ({ signal }) => waiting(signal), { heartbeat: 5 }).body)
      await body.until(': \n\n: \n\n: \n\n')
      expect(body.text.replace(OPENING, '').replaceAll(': \n\n', '')).toBe('')
    })

    it.each([
      ['budget', 0],
      ['budget', Number.NaN],
      ['heartbeat', -1],
      ['heartbeat', 0],
      ['maxAge', 0],
      ['maxAge', Number.NaN],
      ['retry', 0],
      ['retry', -5],
    ])('refuses %s %d, and does not run the source', async (field, value) => {
      const source = vi.fn(() => [])
      let error: unknown
      try {
        eventStream(request(), source, { [field]: value })
      } catch (reason) {
        error = reason
      }
      expect(error).toBeInstanceOf(SseError)
      expect(error).toMatchObject({ code: 'invalid-option', field })
      await turn()
      expect(source).not.toHaveBeenCalled()
    })

    it('does not run the source when the status is none that a stream can have', async () => {
      const source = vi.fn(() => [])
      for (const status of [204, 99]) expect(() => eventStream(request(), source, { status })).toThrow()
      await turn()
      expect(source).not.toHaveBeenCalled()
    })
  })

  describe('EventStreamWriter', () => {
    it('sends messages and comments in order', async () => {
      const stream = new EventStreamWriter(request())
      const response = stream.run(async () => {
        expect(await stream.send({ event: 'a', data: { n: 1 }, id: '1' })).toBe(true)
        expect(await stream.comment('a\nb')).toBe(true)
        expect(await stream.send({ data: 'c' })).toBe(true)
      })
      expect((await response.text()).replace(OPENING, '')).toBe(
        `event: a\ndata: {"n":1}\nid: 1\n\n: a\n: b\n\ndata: c\n\n${END}`,
      )
    })

    it('has the headers and the status of its options', () => {
      const { response } = new EventStreamWriter(request(), { status: 201, headers: { 'content-type': 'text/plain' } })
      expect(response.status).toBe(201)
      expect(response.headers.get('content-type')).toBe('text/event-stream')
    })

    describe('send', () => {
      it('throws at once for what cannot be encoded, and the stream goes on', async () => {
        const stream = new EventStreamWriter(request())
        const { response } = stream
        expect(() => stream.send({ data: 'a', event: 'a\nb' })).toThrow(SseError)
        expect(() => stream.comment('\ud800')).toThrow(SseError)
        await stream.send({ data: 'b' })
        stream.close()
        expect((await response.text()).replace(OPENING, '')).toBe(`data: b\n\n${END}`)
      })

      it('works before the response is taken, as far as the budget goes', async () => {
        const stream = new EventStreamWriter(request(), { budget: 1000 })
        for (let sent = 0; sent < 900; sent += 100) expect(await stream.send(messageOf(100))).toBe(true)
        stream.close()
        expect((await stream.response.text()).replace(OPENING, '')).toBe(
          `${`data: ${'x'.repeat(92)}\n\n`.repeat(9)}${END}`,
        )
      })

      it('rejects with not-returned-yet where it would wait for a reader that cannot exist', async () => {
        const stream = new EventStreamWriter(request(), { budget: 1000 })
        const filling = async (): Promise<void> => {
          for (;;) await stream.send(messageOf(500))
        }
        const error = await filling().catch((reason: unknown) => reason)
        expect(error).toBeInstanceOf(SseError)
        expect(error).toMatchObject({ code: 'not-returned-yet', message: expect.stringContaining('run()') })
      })

      it('waits for the reader when the response is taken in the same turn', async () => {
        const stream = new EventStreamWriter(request(), { budget: 1000 })
        const { sent, settled } = overfill(stream)
        const body = new BodyReader(stream.response.body)
        await turn()
        await turn()
        expect(settled()).toBe(false)
        const all = body.rest()
        expect(await sent).toBe(true)
        stream.close()
        expect((await all).replace(OPENING, '')).toBe(`${`data: ${'x'.repeat(992)}\n\n`.repeat(5)}${END}`)
      })

      it.each(LEAVING)('resolves to false, and never rejects, once the reader %s', async (_, leave) => {
        const stream = new EventStreamWriter(request(), { budget: 1000 })
        const body = new BodyReader(stream.response.body)
        const { sent, settled } = overfill(stream)
        await turn()
        expect(settled()).toBe(false)
        await leave(body)
        expect(await sent).toBe(false)
        expect(stream.signal.aborted).toBe(true)
        expect(await stream.send({ data: 'a' })).toBe(false)
        expect(await stream.comment('a')).toBe(false)
        await stream.close()
      })

      it('resolves to false after close', async () => {
        const stream = new EventStreamWriter(request())
        const { response } = stream
        stream.close()
        expect(await stream.send({ data: 'a' })).toBe(false)
        expect((await response.text()).replace(OPENING, '')).toBe(END)
      })
    })

    describe('close', () => {
      it('is idempotent', async () => {
        const stream = new EventStreamWriter(request())
        const { response } = stream
        stream.close()
        stream.close()
        expect((await response.text()).replace(OPENING, '')).toBe(END)
        await stream.close()
      })

      it('resolves although nobody can read, and keeps what was sent for who will', async () => {
        const stream = new EventStreamWriter(request(), { budget: 1000 })
        void stream.send(messageOf(5000)).catch(() => {})
        await stream.close()
        expect((await stream.response.text()).endsWith(END)).toBe(true)
      })

      it('resolves when everything was taken, however often it is called', async () => {
        const stream = new EventStreamWriter(request(), { budget: 1000 })
        const { response } = stream
        overfill(stream)
        const resolved = vi.fn()
        const closes = [stream.close(), stream.close()].map((closed) => closed.then(resolved))
        await turn()
        await turn()
        expect(resolved).not.toHaveBeenCalled()
        expect((await response.text()).endsWith(END)).toBe(true)
        await Promise.all(closes)
      })

      it('writes no end with end: false', async () => {
        const stream = new EventStreamWriter(request(), { end: false })
        const { response } = stream
        await stream.send({ data: '[DONE]' })
        stream.close()
        expect((await response.text()).replace(OPENING, '')).toBe('data: [DONE]\n\n')
      })
    })

    describe('run', () => {
      it('gives the response before the work begins', () => {
        const stream = new EventStreamWriter(request())
        const work = vi.fn(async () => {})
        expect(stream.run(work)).toBeInstanceOf(Response)
        expect(work).not.toHaveBeenCalled()
      })

      it('lets work send far more than the budget before anybody reads', async () => {
        const stream = new EventStreamWriter(request(), { budget: 1000 })
        let sent = 0
        const response = stream.run(async () => {
          for (; sent < 100; sent++) expect(await stream.send(messageOf(1000))).toBe(true)
        })
        expect(await still(() => sent)).toBeLessThan(10)
        const text = (await response.text()).replace(OPENING, '')
        expect(text).toBe(`${`data: ${'x'.repeat(992)}\n\n`.repeat(100)}${END}`)
      })

      it('lets work send without waiting', async () => {
        const stream = new EventStreamWriter(request(), { budget: 1000 })
        const response = stream.run(async () => {
          for (let n = 0; n < 100; n++) void stream.send(messageOf(1000))
        })
        expect((await response.text()).replace(OPENING, '')).toBe(`${`data: ${'x'.repeat(992)}\n\n`.repeat(100)}${END}`)
      })

      it('tells onError what the work threw, and the reader only that it failed', async () => {
        const secret = new Error('password hunter2')
        const onError = vi.fn()
        const stream = new EventStreamWriter(request(), { onError })
        const response = stream.run(async () => {
          await stream.send({ data: 'a' })
          throw secret
        })
        expect((await response.text()).replace(OPENING, '')).toBe(`data: a\n\n${FAILED}${END}`)
        expect(onError).toHaveBeenCalledOnce()
        expect(onError.mock.calls[0]?.[0]).toBe(secret)
      })

      it('treats work that throws before it returns a promise the same', async () => {
        const onError = vi.fn()
        const stream = new EventStreamWriter(request(), { onError })
        const response = stream.run(() => {
          throw new Error('at once')
        })
        expect((await response.text()).replace(OPENING, '')).toBe(`${FAILED}${END}`)
        expect(onError).toHaveBeenCalledOnce()
      })

      it('keeps what is still to be read when the request aborts after the end', async () => {
        const stream = new EventStreamWriter(request())
        const response = stream.run(async () => void (await stream.send({ data: 'a' })))
        await turn()
        await stream.close()
        reader.abort() // As Deno does after every response.
        await turn()
        expect((await response.text()).replace(OPENING, '')).toBe(`data: a\n\n${END}`)
      })

      it('does not take the end of a stream for a reader that left', async () => {
        const stream = new EventStreamWriter(request())
        const onAbort = vi.fn()
        stream.signal.addEventListener('abort', onAbort)
        const response = stream.run(async () => void (await stream.send({ data: 'a' })))
        await response.text()
        await stream.close()
        reader.abort() // As Deno does after every response.
        await turn()
        expect(onAbort).not.toHaveBeenCalled()
        expect(stream.signal.aborted).toBe(false)
      })
    })
  })

  describe('ndjsonStream', () => {
    async function* values(...list: unknown[]): AsyncGenerator<unknown> {
      yield* list
    }

    it('writes one JSON value on each line', async () => {
      const response = await ndjsonStream(request(), values({ a: 'x\ny' }, null, 0, '', [1]))
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe('application/x-ndjson')
      expect(response.headers.get('cache-control')).toBe('no-store, no-transform')
      expect(await response.text()).toBe('{"a":"x\\ny"}\nnull\n0\n""\n[1]\n')
    })

    it('is empty when there are none', async () => {
      const response = await ndjsonStream(request(), values())
      expect(response.status).toBe(200)
      expect(await response.text()).toBe('')
    })

    it('hands over each line before it asks for the next', async () => {
      const more = gate()
      const response = await ndjsonStream(
        request(),
        (async function* () {
          yield 1
          await more.opened
          yield 2
        })(),
      )
      const body = new BodyReader(response.body)
      await body.until('1\n')
      expect(body.text).toBe('1\n')
      more.open()
      expect(await body.rest()).toBe('1\n2\n')
    })

    it('does not ask for more than the budget allows while nobody reads, and goes on when read', async () => {
      let asked = 0
      const response = await ndjsonStream(
        request(),
        (async function* () {
          for (; asked < 1000; asked++) yield 'x'.repeat(997)
        })(),
      )
      expect(await still(() => asked)).toBeLessThan(140)
      expect(await response.text()).toBe(`"${'x'.repeat(997)}"\n`.repeat(1000))
    })

    it('answers with a problem when it fails before the first line', async () => {
      const failing = (error: Error): AsyncIterable<unknown> => ({
        [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }),
      })
      const refused = await ndjsonStream(request(), failing(new SseError('room-not-found', 'Cannot read: no room')))
      expect(refused.status).toBe(404)
      expect(await refused.json()).toMatchObject({ type: '/problems/room-not-found' })

      const log = vi.spyOn(console, 'error').mockImplementation(() => {})
      const secret = new Error('password hunter2')
      const broken = await ndjsonStream(request(), failing(secret))
      expect(broken.status).toBe(500)
      expect(await broken.text()).not.toContain('hunter2')
      expect(log).toHaveBeenCalledExactlyOnceWith(secret)
    })

    it.each([
      ['throws', new Error('password hunter2'), null],
      ['yields what has no JSON', expect.any(TypeError), 1n],
    ])('ends with a line that says so when the source %s after the first line', async (_, reported, value) => {
      const onError = vi.fn()
      const response = await ndjsonStream(
        request(),
        (async function* () {
          yield 1
          if (value === null) throw reported
          yield value
        })(),
        { onError },
      )
      expect(await response.text()).toBe(
        '1\n{"event":"stream.error","error":{"code":"internal-error","message":"The stream failed"}}\n',
      )
      expect(onError).toHaveBeenCalledExactlyOnceWith(reported)
    })

    it.each(LEAVING)('closes the source when the reader %s', async (_, leave) => {
      const cleaned = gate()
      const log = vi.spyOn(console, 'error').mockImplementation(() => {})
      let asked = 0
      const response = await ndjsonStream(
        request(),
        (async function* () {
          try {
            for (;;) {
              asked++
              yield 'x'.repeat(1000)
            }
          } finally {
            cleaned.open()
          }
        })(),
      )
      await still(() => asked)
      await leave(new BodyReader(response.body))
      await cleaned.opened
      await turn()
      expect(log).not.toHaveBeenCalled()
    })

    it('closes a source whose reader left before the first line', async () => {
      const cleaned = vi.fn()
      await ndjsonStream(
        request(),
        (async function* () {
          try {
            reader.abort()
            yield 1
            yield 2
          } finally {
            cleaned()
          }
        })(),
      )
      await turn()
      expect(cleaned).toHaveBeenCalledOnce()
    })

    it('does not care that the source fails to clean up', async () => {
      const cleaned = gate()
      const asked = gate()
      const response = await ndjsonStream(request(), {
        [Symbol.asyncIterator]() {
          let n = 0
          return {
            next() {
              if (n === 1) asked.open()
              return n++ === 0 ? Promise.resolve({ done: false, value: 1 }) : new Promise(() => {})
            },
            return() {
              cleaned.open()
              return Promise.reject(new Error('clean-up failed')) // Unhandled, it would fail this run.
            },
          }
        },
      })
      await asked.opened
      await new BodyReader(response.body).cancel()
      await cleaned.opened
      await turn()
    })

    it('does not write a line that is not JSON', async () => {
      const onError = vi.fn()
      const response = await ndjsonStream(request(), values(1, undefined), { onError })
      expect(await response.text()).not.toContain('undefined')
      expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'cannot-encode' }))
    })

    it('closes a source that gave what has no JSON', async () => {
      vi.spyOn(console, 'error').mockImplementation(() => {})
      const cleaned = gate()
      await ndjsonStream(
        request(),
        (async function* () {
          try {
            yield undefined
          } finally {
            cleaned.open()
          }
        })(),
      )
      await cleaned.opened
    })
  })

  describe('textStream', () => {
    it('streams each piece before it asks for the next, as text that nobody buffers', async () => {
      const more = gate()
      const response = await textStream(request(), async function* () {
        yield 'one '
        await more.opened
        yield 'two'
      })
      expect(Object.fromEntries(response.headers)).toEqual({
        'content-type': 'text/plain; charset=utf-8',
        ...UNCOMPRESSED,
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
        'x-content-type-options': 'nosniff',
      })
      const body = new BodyReader(response.body)
      await body.until('one ')
      more.open()
      expect(await body.rest()).toBe('one two')
    })

    it('keeps a character whole that came apart between two pieces, and says what is none', async () => {
      const pieces = [...'a\u{1f600}b'.split(''), '\ud83d', 'x', '\ud83d']
      expect(await (await textStream(request(), pieces)).text()).toBe('a\u{1f600}b\ufffdx\ufffd')
    })

    it('takes a type, a status and headers of its own', async () => {
      const headers = { 'content-type': 'text/csv', 'cache-control': 'max-age=60' }
      const response = await textStream(request(), ['1,2'], { status: 201, headers })
      expect(response.status).toBe(201)
      expect(response.headers.get('content-type')).toBe('text/csv')
      expect(response.headers.get('cache-control')).toBe('max-age=60')
      expect(await response.text()).toBe('1,2')
    })

    it('is a problem when it fails before the first piece', async () => {
      vi.spyOn(console, 'error').mockImplementation(() => {})
      const sources = [
        () => {
          throw new SseError('forbidden', 'Cannot read: it is not yours')
        },
        function* () {
          yield 7 as unknown as string
        },
      ]
      const statuses: number[] = []
      for (const source of sources) statuses.push((await textStream(request(), source)).status)
      expect(statuses).toEqual([403, 500])
    })

    it('breaks the body off when it fails later, and says it to the operator alone', async () => {
      const onError = vi.fn()
      const secret = new Error('password hunter2')
      const response = await textStream(
        request(),
        function* () {
          yield 'begun'
          throw secret
        },
        { onError },
      )
      await expect(response.text()).rejects.not.toThrow('hunter2')
      expect(onError).toHaveBeenCalledExactlyOnceWith(secret)
    })

    it('does not run its source for HEAD', async () => {
      const source = vi.fn(() => ['x'])
      const response = await textStream(request('', { method: 'HEAD' }), source)
      expect([response.status, response.body]).toEqual([200, null])
      expect(source).not.toHaveBeenCalled()
    })

    it.each(LEAVING)('tells the source, also one that is silent, when the reader %s', async (_, leave) => {
      const cleaned = gate()
      const response = await textStream(request(), async function* ({ signal }) {
        try {
          yield 'x'
          await aborted(signal)
        } finally {
          cleaned.open()
        }
      })
      const body = new BodyReader(response.body)
      await body.until('x')
      await leave(body)
      await cleaned.opened
    })

    it('tells a source that is silent from the beginning when the reader leaves', async () => {
      const cleaned = gate()
      const response = textStream(request(), async function* ({ signal }) {
        reader.abort()
        await aborted(signal).catch(() => {})
        cleaned.open()
        yield ''
      })
      await cleaned.opened
      await response
    })

    it('lets a reader go that takes nothing for as long as its patience', async () => {
      const left = gate()
      await textStream(
        request(),
        async function* ({ signal }) {
          signal.addEventListener('abort', left.open)
          for (;;) yield 'x'.repeat(100)
        },
        { budget: 1_000, patience: 20 },
      )
      await left.opened
    })

    it('keeps a reader that is slow, and one that waits for a source that is', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      try {
        const more = gate()
        const response = await textStream(
          request(),
          async function* () {
            yield* Array.from({ length: 20 }, () => 'x'.repeat(1_000))
            await more.opened
            yield 'y'
          },
          { budget: 1_000 },
        )
        const body = new BodyReader(response.body)
        for (let read = 0; read < 20; read++) {
          await body.next()
          await vi.advanceTimersByTimeAsync(60_000)
        }
        more.open()
        expect(await body.rest()).toBe(`${'x'.repeat(20_000)}y`)
      } finally {
        vi.useRealTimers()
      }
    })
  })

  describe('StreamWriter', () => {
    it('writes text and bytes, and says when the reader has left', async () => {
      const stream = new StreamWriter(request())
      const results: boolean[] = []
      const response = stream.run(async () => {
        results.push(await stream.write('a'), await stream.write(new Uint8Array([98])))
        await aborted(stream.signal).catch(() => {})
        results.push(await stream.write('c'))
      })
      const body = new BodyReader(response.body)
      await body.until('ab')
      await body.cancel()
      await still(() => results.length)
      expect(results).toEqual([true, true, false])
    })

    it('refuses what is neither', () => {
      const stream = new StreamWriter(request())
      expect(() => stream.write(1 as unknown as string)).toThrow(expect.objectContaining({ code: 'cannot-encode' }))
    })
  })
}

/** A source that says nothing until its reader has left. */
async function* waiting(signal: AbortSignal): AsyncGenerator<Message> {
  await aborted(signal).catch(() => {})
}

function streamOf(messages: Message[]): ReadableStream<Message> & AsyncIterable<Message> {
  return new ReadableStream<Message>({
    start(controller) {
      for (const message of messages) controller.enqueue(message)
      controller.close()
    },
  }) as ReadableStream<Message> & AsyncIterable<Message>
}
