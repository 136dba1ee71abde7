/** What memory a client, and a network that tests put under it, hold on to, as a collector that is asked for it sees it. */
import process from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { HandedOut } from '../../src/client/handed-out.ts'
import { remember } from '../../src/client/known-cursors.ts'
import { connect } from '../../src/client.ts'
import { BlockParser } from '../../src/parse.ts'
import { fetchOf } from '../../src/testing.ts'

const collect = (): void => {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

const heap = (): number => {
  collect()
  return process.memoryUsage().heapUsed
}

describe('a signal that outlives its connections', () => {
  const stream = (body: string): Response => new Response(body, { headers: { 'content-type': 'text/event-stream' } })

  it.each([
    ['204', () => new Response(null, { status: 204 })],
    ['stream.end', () => stream('event: stream.end\ndata: {"reconnect":false}\n\n')],
    ['a refusal', () => new Response('no', { status: 404 })],
  ])('holds none that has ended by %s', async (_, answer) => {
    const { signal } = new AbortController()
    const opened = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const connection = connect('http://held.example/', { signal, fetch: async () => answer() })
        await Array.fromAsync(connection).catch(() => {})
        return new WeakRef(connection)
      }),
    )
    await expect
      .poll(() => {
        collect()
        return opened.filter((each) => each.deref()).length
      })
      .toBeLessThan(3)
    expect(signal.aborted).toBe(false)
  })
})

describe('remember', () => {
  it('keeps ids, and not the chunks that they came in', () => {
    const known: string[] = []
    const parser = new BlockParser()
    const encoder = new TextEncoder()
    const before = heap()
    const data = 'x'.repeat(30_000)
    for (let n = 0; n < 2_000; n++)
      for (const { id = '' } of parser.feed(encoder.encode(`id: ${100_000 + n}-abcdef\ndata: ${data}\n\n`)))
        remember(known, id)
    expect(heap() - before).toBeLessThan(10 * 2 ** 20)
    expect(known.length).toBe(2_000)
    expect(known).toContain('100000-abcdef')
  })
})

describe('HandedOut', () => {
  it('keeps as many ids as a server would repeat, however many there were, and not the chunks that they came in', () => {
    const handedOut = new HandedOut()
    const before = heap()
    for (let n = 0; n < 200_000; n++) {
      const chunk = `${100_000 + n}-abcdef${'x'.repeat(200)}`
      handedOut.add(chunk.slice(0, 13))
      if (n % 100 === 99) handedOut.settle()
    }
    expect(heap() - before).toBeLessThan(2 ** 20)
    handedOut.resume()
    expect([294_000, 299_999].map((n) => handedOut.add(`${n}-abcdef`))).toEqual([false, false])
  })
})

describe('fetchOf', () => {
  it('remembers nothing of what was read', async () => {
    const chunk = new Uint8Array(1)
    const body = new ReadableStream({ pull: (stream) => stream.enqueue(chunk) }, { highWaterMark: 0 })
    const reader = (await fetchOf(() => new Response(body))('/')).body?.getReader()
    await reader?.read()
    const before = heap()
    for (let reads = 0; reads < 50_000; reads++) await reader?.read()
    expect(heap() - before).toBeLessThan(3 * 2 ** 20)
    await reader?.cancel()
  })
})
