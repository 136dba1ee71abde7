import { describe, expect, it } from 'vitest'
import { SseError } from '../src/errors.ts'
import { type ParsedMessage, type ParseOptions, parseMessages } from '../src/parse.ts'
import { byteByByte, splits, streamOf } from '../src/testing.ts'

const read = (chunks: AsyncIterable<Uint8Array>, options?: ParseOptions): Promise<ParsedMessage[]> =>
  Array.fromAsync(parseMessages(chunks, options))

/** A stream that never ends of itself, and tells whether it was cancelled. */
function endless(text: string): { body: ReadableStream<Uint8Array>; cancelled: () => boolean } {
  let cancelled = false
  const pieces = function* (): Generator<string> {
    try {
      for (;;) yield text
    } finally {
      cancelled = true
    }
  }
  return { body: streamOf(pieces()), cancelled: () => cancelled }
}

describe('parseMessages', () => {
  it('reads messages with and without a name and an id', async () => {
    expect(await read(streamOf(['data: a\n\nevent: chat\ndata: b\nid: 2\n\nid\ndata: c\n\n']))).toEqual([
      { data: 'a' },
      { data: 'b', event: 'chat', id: '2' },
      { data: 'c', id: '' },
    ])
  })

  it('joins the lines of data with LF', async () => {
    expect(await read(streamOf(['data: a\ndata:\ndata:  b\n\n']))).toEqual([{ data: 'a\n\n b' }])
  })

  it('gives a message the id of its own lines only', async () => {
    expect(await read(streamOf(['id: 1\ndata: a\n\ndata: b\n\n']))).toEqual([{ data: 'a', id: '1' }, { data: 'b' }])
  })

  it('skips blocks without data, and fields it does not know', async () => {
    expect(await read(streamOf(['event: a\nid: 1\n\nnothing\nmore: x\ndata: b\n\n']))).toEqual([{ data: 'b' }])
  })

  it('ignores an id that contains NUL', async () => {
    expect(await read(streamOf(['id: a\0b\ndata: c\n\n']))).toEqual([{ data: 'c' }])
  })

  it('calls onComment and onRetry in the order of the stream', async () => {
    const seen: unknown[] = []
    const options = {
      onComment: (text: string) => void seen.push(`: ${text}`),
      onRetry: (milliseconds: number) => void seen.push(milliseconds),
    }
    await read(
      streamOf([': heartbeat=15\n\nretry: 2000\n\n:tight\n', 'retry: 1x\nretry: 7\ndata: a\n\n: \n\n']),
      options,
    )
    expect(seen).toEqual([': heartbeat=15', 2000, ': tight', 7, ': '])
  })

  it('takes one BOM from the start, wherever it is cut, and none from what comes after', async () => {
    for (const cut of splits('\ufeffdata: a\n\n')) expect(await read(streamOf(cut))).toEqual([{ data: 'a' }])
    for (const cut of splits('\ufeff\ufeffdata: a\n\n\ufeffdata: b\n\ndata: \ufeffc\n\n'))
      expect(await read(streamOf(cut))).toEqual([{ data: '\ufeffc' }])
  })

  it('takes the characters ï»¿ for text: a BOM is three bytes, and they are six', async () => {
    for (const cut of splits('ï»¿data: a\n\nï»¿: b\ndata: c\n\n'))
      expect(await read(streamOf(cut))).toEqual([{ data: 'c' }])
  })

  describe('onId', () => {
    /** What is called and what is given, in the order in which it is. */
    async function seenOf(wire: string[], options: ParseOptions = {}): Promise<unknown[]> {
      const seen: unknown[] = []
      const onId = (id: string) => void seen.push(id)
      for await (const { data } of parseMessages(streamOf(wire), { ...options, onId })) seen.push({ data })
      return seen
    }

    it.each([
      ['in one chunk', (wire: string) => [wire]],
      ['in one character each', (wire: string) => [...wire]],
    ])(
      'is called with the id of each block, also without data, before its message and after the last, %s',
      async (_, cut) => {
        const wire = 'id: 1\ndata: a\n\nid: 2\n\ndata: b\n\nid\n\nid: 3\nid: 4\ndata: c\n\nid: 5\n\n'
        expect(await seenOf(cut(wire))).toEqual(['1', { data: 'a' }, '2', { data: 'b' }, '', '4', { data: 'c' }, '5'])
      },
    )

    it('is not called for an id with NUL, nor for a block without its blank line', async () => {
      expect(await seenOf(['id: 1\nid: a\0b\n\nid: \0\ndata: a\n\nid: 2\n'])).toEqual(['1', { data: 'a' }])
    })

    it('is called for no message that is not given: one that is too long leaves the id before it', async () => {
      const seen: string[] = []
      const wire = streamOf([`id: 1\ndata: a\n\nid: 2\ndata: ${'x'.repeat(51)}\n\nid: 3\n\n`])
      const reading = read(wire, { maxLength: 50, onId: (id) => void seen.push(id) })
      await expect(reading).rejects.toMatchObject({ code: 'buffer-limit' })
      expect(seen).toEqual(['1'])
    })

    it('is not called for what nobody took', async () => {
      const seen: string[] = []
      const wire = streamOf(['id: 1\ndata: a\n\nid: 2\n\nid: 3\ndata: b\n\n'])
      for await (const _ of parseMessages(wire, { onId: (id) => void seen.push(id) })) break
      expect(seen).toEqual(['1'])
    })
  })

  it('hands over a message before it reads on', async () => {
    let asked = 0
    const pieces = function* (): Generator<string> {
      for (const text of ['data: a\n\n', 'data: b\n\n']) {
        asked++
        yield text
      }
    }
    const messages = parseMessages(streamOf(pieces()))
    expect(await messages.next()).toEqual({ done: false, value: { data: 'a' } })
    expect(asked).toBe(1)
    await messages.return()
  })

  it.each(['data: b', 'data: b\n', 'data: b\nid: 7\n'])('drops the unfinished block %j at the end', async (rest) => {
    expect(await read(streamOf(['data: a\n\n', rest]))).toEqual([{ data: 'a' }])
  })

  it('reads characters of several bytes wherever they are cut', async () => {
    const wire = 'event: é\ndata: 😀€\nid: 名\n\n'
    for (const chunks of [...splits(wire), byteByByte(wire)])
      expect(await read(streamOf(chunks))).toEqual([{ data: '😀€', event: 'é', id: '名' }])
  })

  it('reads bytes that are not UTF-8 as U+FFFD', async () => {
    expect(await read(streamOf(['data: a', Uint8Array.of(0xff), 'b\n\n']))).toEqual([{ data: 'a\ufffdb' }])
  })

  it('reads a CRLF that is cut in two as one line end', async () => {
    expect(await read(streamOf(['data: a\r', '\ndata: b\r', '\n\r', '\n']))).toEqual([{ data: 'a\nb' }])
  })

  it('throws buffer-limit for a line that never ends', async () => {
    const { body, cancelled } = endless('data: xxxxxxxxxx')
    const error = await read(body, { maxLength: 100 }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(SseError)
    expect(error).toMatchObject({ code: 'buffer-limit' })
    expect(cancelled()).toBe(true)
  })

  it('throws buffer-limit for a message whose lines never end', async () => {
    const { body } = endless('data: xxxxxxxxxx\n')
    await expect(read(body, { maxLength: 100 })).rejects.toMatchObject({ code: 'buffer-limit' })
  })

  it('hands over what was complete before it throws buffer-limit', async () => {
    const messages = parseMessages(streamOf([`data: a\n\ndata: ${'x'.repeat(100)}`]), { maxLength: 50 })
    expect(await messages.next()).toEqual({ done: false, value: { data: 'a' } })
    await expect(messages.next()).rejects.toMatchObject({ code: 'buffer-limit' })
  })

  it('throws buffer-limit for a message that comes in one piece too', async () => {
    const messages = parseMessages(streamOf([`data: a\n\ndata: ${'x'.repeat(51)}\n\n`]), { maxLength: 50 })
    expect(await messages.next()).toEqual({ done: false, value: { data: 'a' } })
    await expect(messages.next()).rejects.toMatchObject({ code: 'buffer-limit' })
  })

  it('reads any number of messages that are each below the limit', async () => {
    const wire = `data: ${'x'.repeat(40)}\n\n`
    expect(await read(streamOf([wire.repeat(10), wire]), { maxLength: 50 })).toHaveLength(11)
  })

  it('holds one Mi characters unless told otherwise', async () => {
    expect(await read(streamOf([`data: ${'x'.repeat(1_048_000)}`, '\n\n']))).toHaveLength(1)
    await expect(read(streamOf([`data: ${'x'.repeat(1_048_576)}`, '\n\n']))).rejects.toMatchObject({
      code: 'buffer-limit',
    })
  })

  it('cancels the stream when the iteration stops early', async () => {
    const { body, cancelled } = endless('data: a\n\n')
    for await (const message of parseMessages(body)) {
      expect(message).toEqual({ data: 'a' })
      break
    }
    expect(cancelled()).toBe(true)
  })

  it('throws what the stream fails with', async () => {
    const failure = new Error('broke off')
    const pieces = function* (): Generator<string> {
      yield 'data: a\n\n'
      throw failure
    }
    const messages = parseMessages(streamOf(pieces()))
    expect(await messages.next()).toEqual({ done: false, value: { data: 'a' } })
    await expect(messages.next()).rejects.toBe(failure)
  })
})
