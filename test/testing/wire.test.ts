/** Bytes in chunks, and connections that break, go silent or are slow. */
import { describe, expect, it } from 'vitest'
import { bodyFrom } from '../../src/testing/body.ts'
import {
  byteByByte,
  chunked,
  cutAfter,
  Gate,
  type Piece,
  type Place,
  readMessages,
  responseOf,
  slow,
  splits,
  stallAfter,
  streamOf,
} from '../../src/testing.ts'

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const texts = (chunks: Iterable<Uint8Array>): string[] => Array.from(chunks, text)

/** A stream of these pieces that never ends, and tells what was asked of it. */
function source(...pieces: string[]): { response: Response; asked: () => number; left: Promise<unknown> } {
  let asked = 0
  const left = Promise.withResolvers<unknown>()
  const body = bodyFrom({
    next: async () => new TextEncoder().encode(pieces[asked++ % pieces.length]),
    left: left.resolve,
  })
  const response = new Response(body, { status: 201, statusText: 'So', headers: { 'x-mine': 'a' } })
  return { response, asked: () => asked, left: left.promise }
}

/** What is read before it ends or breaks off, and which of the two. */
async function readAll(response: Response): Promise<[string, 'ended' | 'broke off']> {
  let read = ''
  const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })
  try {
    for await (const chunk of response.body as ReadableStream<Uint8Array>)
      read += decoder.decode(chunk, { stream: true })
    return [read, 'ended']
  } catch {
    return [read, 'broke off']
  }
}

describe('splits', () => {
  it('are all ways to cut in two, with nothing before or after too', () => {
    expect([...splits('abc')].map(texts)).toEqual([
      ['', 'abc'],
      ['a', 'bc'],
      ['ab', 'c'],
      ['abc', ''],
    ])
    expect([...splits(new TextEncoder().encode('é'))][1]).toEqual([Uint8Array.of(0xc3), Uint8Array.of(0xa9)])
    expect([...splits({ data: '' })]).toHaveLength('data: \n\n'.length + 1)
  })
})

describe('byteByByte, chunked', () => {
  it('cut to sizes that come again and again', () => {
    expect(texts(byteByByte('abc'))).toEqual(['a', 'b', 'c'])
    expect(texts(chunked('abcdefg', [1, 3]))).toEqual(['a', 'bcd', 'e', 'fg'])
    expect(chunked('', [1])).toEqual([])
  })

  it.each([[[]], [[0]], [[1, -1]], [[1.5]], [[Number.NaN]]])('refuse the sizes %j', (sizes) => {
    expect(() => chunked('a', sizes)).toThrow(expect.objectContaining({ code: 'invalid-option', field: 'sizes' }))
  })
})

describe('streamOf, responseOf', () => {
  it('hand out one piece a chunk, when they are asked for it', async () => {
    let asked = 0
    let isClosed = false
    const pieces = (async function* (): AsyncGenerator<Piece> {
      try {
        for (const piece of ['a', Uint8Array.of(98), { id: '1', data: { c: 1 } }]) {
          asked++
          yield piece
        }
      } finally {
        isClosed = true
      }
    })()
    const reader = streamOf(pieces).getReader()
    expect(asked).toBe(0)
    const read: string[] = []
    for (let count = 1; count <= 2; count++) {
      read.push(text((await reader.read()).value ?? new Uint8Array()))
      expect(asked).toBe(count)
    }
    expect(read).toEqual(['a', 'b'])
    await reader.cancel()
    expect(isClosed).toBe(true)
    expect(await responseOf([{ id: '1', data: { c: 1 } }]).text()).toBe('data: {"c":1}\nid: 1\n\n')
  })
})

describe('cutAfter', () => {
  it.each([
    ['breaks off', undefined, 'broke off'],
    ['breaks off', 'error', 'broke off'],
    ['ends', 'end', 'ended'],
  ] as const)('%s after that many bytes, and its source is told (as: %s)', async (_, as, how) => {
    const { response, asked, left } = source('abc')
    const cut = cutAfter(response, { bytes: 4 }, as && { as })
    expect(await readAll(cut)).toEqual(['abca', how])
    await left
    expect(asked()).toBe(2)
  })

  it('keeps status and headers, and what has no body as it is', () => {
    const { status, statusText, headers } = cutAfter(source('a').response, { bytes: 1 })
    expect([status, statusText, headers.get('x-mine')]).toEqual([201, 'So', 'a'])
    const none = new Response(null, { status: 204 })
    expect(cutAfter(none, { bytes: 1 })).toBe(none)
  })

  it('leaves a stream alone that ends before the place', async () => {
    expect(await readAll(cutAfter(responseOf(['ab']), { bytes: 3 }))).toEqual(['ab', 'ended'])
    expect(await readAll(cutAfter(responseOf(['data: a\n\n']), { messages: 2 }))).toEqual(['data: a\n\n', 'ended'])
  })

  it('can be before everything', async () => {
    for (const place of [{ bytes: 0 }, { messages: 0 }])
      expect(await readAll(cutAfter(source('abc').response, place))).toEqual(['', 'broke off'])
  })

  it('is passed on to the source when its reader leaves', async () => {
    const { response, left } = source('data: a\n\n')
    const messages = await readMessages(cutAfter(response, { messages: 9 }).body as ReadableStream<Uint8Array>)
    await messages.next()
    await messages.cancel()
    await left
  })

  const FIRST = 'event: x\ndata: 1\nid: 7\n\n'
  it.each([
    ['a message', FIRST],
    ['data without a colon', 'data\n\n'],
    ['data of several lines', 'data: a\ndata:\n\n'],
    ['comments and blank lines before', `: data: x\n\n\n\nretry: 5\n\n${FIRST}`],
    ['fields that only begin like data', `dat\n\ndata2: x\n\ndatax\n\n data: x\n\n${FIRST}`],
    ['a byte order mark', '\ufeffdata: 1\n\n'],
    ['characters of several bytes', 'data: é😀\n\n'],
  ])('counts whole messages: %s', async (_, wire) => {
    for (const newline of ['\n', '\r\n', '\r']) {
      const first = wire.replaceAll('\n', newline)
      const all = `${first}: more${newline}${newline}data: 2${newline}${newline}`
      expect(await readAll(cutAfter(responseOf([all]), { messages: 1 }))).toEqual([first, 'broke off'])
      const [read] = await readAll(cutAfter(responseOf(byteByByte(all)), { messages: 1 }))
      // The LF of a line end may be in a chunk of its own: the message is over without it.
      expect(read.replace(/\n$/, '')).toBe(first.replace(/\n$/, ''))
      for (const [begin, rest] of splits(all)) {
        const cut = cutAfter(responseOf([begin, rest]), { messages: 2 })
        expect((await readAll(cut))[0].replace(/\n$/, '')).toBe(all.replace(/\n$/, ''))
      }
    }
  })

  it.each([{ bytes: -1 }, { messages: 1.5 }, { messages: Number.NaN }, {} as Place])(
    'refuses the place %j',
    (place) => {
      expect(() => cutAfter(responseOf([]), place)).toThrow(expect.objectContaining({ code: 'invalid-option' }))
    },
  )
})

describe('stallAfter', () => {
  it('is silent from there on until the gate opens, asks its source for no more, and loses nothing', async () => {
    const gate = new Gate()
    const { response, asked } = source('data: a\n\ndata: b\n\n')
    const messages = await readMessages(stallAfter(response, { messages: 3 }, gate).body as ReadableStream<Uint8Array>)
    const seen = (await messages.take(3)).map(({ data }) => data)
    const next = messages.take(2)
    await gate.reached()
    expect([asked(), gate.waiting]).toEqual([2, 1])
    gate.open()
    seen.push(...(await next).map(({ data }) => data))
    expect(seen).toEqual(['a', 'b', 'a', 'b', 'a'])
  })

  it('lets its reader leave, and its source is told', async () => {
    const gate = new Gate()
    const { response, left } = source('abc')
    const reader = (stallAfter(response, { bytes: 0 }, gate).body as ReadableStream<Uint8Array>).getReader()
    const read = reader.read()
    await gate.reached()
    await reader.cancel()
    await left
    expect((await read).done).toBe(true)
    gate.open()
  })

  it('ends with its source, also where the place is the end', async () => {
    const gate = new Gate()
    gate.open()
    expect(await readAll(stallAfter(responseOf(['ab', 'c']), { bytes: 3 }, gate))).toEqual(['abc', 'ended'])
  })
})

describe('slow', () => {
  it('hands out few bytes a chunk, and asks for more when all are gone', async () => {
    const { response, asked } = source('abc', '', 'de')
    const reader = (slow(response, { bytes: 2 }).body as ReadableStream<Uint8Array>).getReader()
    const read: [string, number][] = []
    for (let chunk = 0; chunk < 4; chunk++) read.push([text((await reader.read()).value as Uint8Array), asked()])
    expect(read).toEqual([
      ['ab', 1],
      ['c', 1],
      ['de', 3],
      ['ab', 4],
    ])
  })

  it('goes on when the gate lets it, chunk by chunk', async () => {
    const gate = new Gate()
    const reader = (slow(responseOf(['abc']), { gate }).body as ReadableStream<Uint8Array>).getReader()
    let read = ''
    const reading = (async () => {
      for (let next = await reader.read(); next.value; next = await reader.read()) read += text(next.value)
    })()
    await gate.reached()
    expect(read).toBe('')
    gate.pass()
    await gate.reached()
    expect(read).toBe('a')
    gate.pass(2)
    await reading
    expect(read).toBe('abc')
  })

  it('refuses what would never come', () => {
    expect(() => slow(responseOf([]), { bytes: 0 })).toThrow(expect.objectContaining({ code: 'invalid-option' }))
  })
})

describe('Gate', () => {
  it('is passed by who is still there, not by a reader that has left', async () => {
    for (const through of [
      (gate: Gate) => stallAfter(responseOf([{ data: 'a' }]), { bytes: 0 }, gate),
      (gate: Gate) => slow(responseOf([{ data: 'a' }]), { bytes: 100, gate }),
    ]) {
      const gate = new Gate()
      const gone = await readMessages(through(gate))
      const leaving = gone.rest().catch(() => {})
      await gate.reached()
      await gone.cancel()
      await leaving
      expect(gate.waiting).toBe(0)
      const stays = await readMessages(through(gate))
      const next = stays.expect({ data: 'a' })
      await gate.reached()
      gate.pass()
      await next
    }
  })

  it('lets through in order, and those who come later on passes that are left', async () => {
    const gate = new Gate()
    const through: number[] = []
    const come = (name: number): Promise<unknown> => gate.through().then(() => through.push(name))
    const first = [come(1), come(2)]
    expect(gate.waiting).toBe(2)
    gate.pass(3)
    await Promise.all(first)
    await come(3)
    const fourth = come(4)
    expect(gate.waiting).toBe(1)
    gate.open()
    await Promise.all([fourth, come(5)])
    expect(through).toEqual([1, 2, 3, 4, 5])
  })

  it('says that nobody came', async () => {
    await expect(new Gate().reached({ timeout: 10 })).rejects.toThrow(
      'Cannot wait at the gate: nobody came to it in 0.01 s',
    )
  })
})
