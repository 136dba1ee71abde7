/** What docs/coming-from-go.md says of reading streams in code: in this process, and over a network that cuts. */
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { eventStream } from '../../../src/event-stream.ts'
import { interval } from '../../../src/interval.ts'
import type { ParsedMessage } from '../../../src/parse.ts'
import type { Room } from '../../../src/rooms/room.ts'
import { Page, serve } from '../page.ts'

const page = new Page('docs/coming-from-go.md', 'reading')

describe('client.Subscribe, in the same process', () => {
  interface Block {
    room: Room
    work(handle: (data: string) => void, signal: AbortSignal, after?: string): Promise<void>
  }

  it('reads what was and what comes, after an id, until it is told to stop', async () => {
    const { room, work } = await page.block<Block>('client.Subscribe, in the same process')
    const { id } = await room.publish({ data: 'one' })
    await room.publish({ data: 'two' })
    const stop = new AbortController()
    const [all, rest]: [string[], string[]] = [[], []]
    const working = Promise.all([
      work((data) => all.push(data), stop.signal),
      work((data) => rest.push(data), stop.signal, id),
    ])
    await vi.waitFor(() => expect([all, rest]).toEqual([['one', 'two'], ['two']]))
    await room.publish({ data: 'three' })
    await vi.waitFor(() => expect([all.length, rest.length]).toEqual([3, 2]))
    stop.abort()
    await working
  })

  it('says what it missed', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    onTestFinished(() => void vi.restoreAllMocks())
    const { room, work } = await page.block<Block>('client.Subscribe, in the same process')
    await room.publish({ data: 'last' })
    await room.close() // Who has read all of a closed room is done.
    await work(() => {}, new AbortController().signal, '1-aaaaaa')
    expect(warn.mock.calls).toEqual([['Missed: unknown']])
  })
})

describe('client.Subscribe, over the network', () => {
  type Block = { follow(url: string, signal: AbortSignal): AsyncGenerator<ParsedMessage> }
  const heading = 'client.Subscribe, over the network'

  it('gets each message once across connections that break, and ends where the stream does', async () => {
    const { follow } = await page.block<Block>(heading)
    const { url, requests } = await serve((request) => {
      const after = Number(request.headers.get('last-event-id')) || 0
      if (after === 6) return new Response(null, { status: 204 })
      // As a Go server writes it, cut in the middle of a message.
      const text = `retry:5\nid:${after + 1}\ndata:a\n\nid:${after + 2}\ndata:b\n\nid:${after + 3}\ndata:`
      const body = new ReadableStream({
        async start(controller) {
          controller.enqueue(new TextEncoder().encode(text))
          await new Promise((next) => setTimeout(next, 50))
          controller.error(new Error('cut'))
        },
      })
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    })
    const messages = await Array.fromAsync(follow(url, new AbortController().signal))
    expect(messages.map(({ id, data }) => `${id}${data}`)).toEqual(['1a', '2b', '3a', '4b', '5a', '6b'])
    expect(requests.map(({ headers }) => headers.get('last-event-id') || '')).toEqual(['', '2', '4', '6'])
  })

  it('throws for what is refused', async () => {
    const { follow } = await page.block<Block>(heading)
    const { url } = await serve(() => new Response(null, { status: 404 }))
    await expect(follow(url, new AbortController().signal).next()).rejects.toThrow('Cannot follow: 404')
  })

  it('throws for a message that is too long, and does not ask for it again', async () => {
    const { follow } = await page.block<Block>(heading)
    const { url, requests } = await serve(() => new Response(`data: ${'x'.repeat(1_100_000)}\n\n`))
    await expect(follow(url, new AbortController().signal).next()).rejects.toMatchObject({ code: 'buffer-limit' })
    expect(requests).toHaveLength(1)
  })

  it.each(['break', 'signal'] as const)('lets its server know by %s that it has left', async (how) => {
    const { follow } = await page.block<Block>(heading)
    const left = Promise.withResolvers<void>()
    const { url } = await serve((request) =>
      eventStream(
        request,
        async function* ({ signal }) {
          signal.addEventListener('abort', () => left.resolve())
          for await (const _ of interval(10, signal)) yield { data: 'x' }
        },
        { retry: 10 },
      ),
    )
    const stop = new AbortController()
    let heard = 0
    for await (const { data } of follow(url, stop.signal)) {
      expect(data).toBe('x')
      if (++heard === 3 && how === 'break') break
      if (heard === 3) stop.abort()
    }
    expect(heard).toBe(3)
    await left.promise
  })
})
