/** What the kit is for: five tests as a user writes them, of things that know nothing of edge-sse but what they import. */
import { describe, expect, it } from 'vitest'
import { eventStream, parseMessages } from '../../src/index.ts'
import {
  byteByByte,
  eventually,
  Gate,
  openMessages,
  responseOf,
  scriptedFetch,
  splits,
  stallAfter,
} from '../../src/testing.ts'

describe('with the kit one tests', () => {
  it('a handler that streams progress', async () => {
    const handler = (request: Request): Response =>
      eventStream(request, function* () {
        for (let done = 1; done <= 3; done++) yield { event: 'progress', data: { done, of: 3 } }
      })

    const messages = await openMessages(handler, '/progress')
    await messages.expect({ event: 'progress', data: { done: 1 } })
    expect(await messages.until({ data: { done: 3 } })).toHaveLength(2)
    expect(await messages.expectEnd()).toEqual({ reconnect: false })
  })

  it('a reader that resumes after a cut', async () => {
    async function readTwo(
      url: string,
      fetch: (url: string, init?: RequestInit) => Promise<Response>,
    ): Promise<string> {
      let read = ''
      let id = ''
      while (read.length < 2)
        try {
          const { body } = await fetch(url, { headers: id ? { 'last-event-id': id } : {} })
          for await (const message of parseMessages(body as ReadableStream<Uint8Array>)) {
            read += message.data
            id = message.id ?? id
          }
        } catch {
          // It was cut.
        }
      return read
    }

    const server = scriptedFetch([
      { messages: [{ id: '1', data: 'a' }], then: 'cut' },
      'network-error',
      { messages: [{ id: '2', data: 'b' }] },
    ])
    expect(await readTwo('/events', server.fetch)).toBe('ab')
    expect(server.attempts.map(({ headers }) => headers.get('last-event-id'))).toEqual([null, '1', '1'])
  })

  it('a handler that notices a disconnect', async () => {
    let running = 0
    const handler = (request: Request): Response => {
      running++
      request.signal.addEventListener('abort', () => void running--)
      return responseOf(['data: a\n\n', 'data: b\n\n'])
    }

    const messages = await openMessages(handler, '/')
    await messages.next()
    await messages.cancel()
    await eventually(() => running === 0)
  })

  it('a parser that has to survive every split', () => {
    const parse = (chunks: Iterable<Uint8Array>): string[] => {
      const decoder = new TextDecoder()
      let text = ''
      for (const chunk of chunks) text += decoder.decode(chunk, { stream: true })
      return [...text.replaceAll(/\r\n?/g, '\n').matchAll(/^data: (.*)$/gm)].map(([, data = '']) => data)
    }

    for (const chunks of splits('data: é\r\n\r\ndata: 😀\r\n\r\n')) expect(parse(chunks)).toEqual(['é', '😀'])
    expect(parse(byteByByte('data: é\n\ndata: 😀\n\n'))).toEqual(['é', '😀'])
  })

  it('a client that has to survive a stall', async () => {
    /** It gives up what has said nothing for a moment, and comes back. */
    async function readPatiently(fetch: (url: string, init: RequestInit) => Promise<Response>): Promise<string> {
      for (;;) {
        const watchdog = new AbortController()
        try {
          const { body } = await fetch('/events', { signal: watchdog.signal })
          let timer = setTimeout(() => watchdog.abort(), 20)
          for await (const { data } of parseMessages(body as ReadableStream<Uint8Array>)) {
            clearTimeout(timer)
            if (data === 'b') return data
            timer = setTimeout(() => watchdog.abort(), 20)
          }
        } catch {
          // It was given up.
        }
      }
    }

    const silence = new Gate()
    const answer = (): Response => responseOf([{ data: 'a' }, { data: 'b' }])
    const server = scriptedFetch([() => stallAfter(answer(), { messages: 1 }, silence), answer])
    expect(await readPatiently(server.fetch)).toBe('b')
    await (await server.attempt(1)).left()
    expect(silence.waiting).toBe(1)
  })
})
