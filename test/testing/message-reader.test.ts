import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  byteByByte,
  ExpectationError,
  type ExpectedMessage,
  type MessageReader,
  readMessages,
  responseOf,
  streamOf,
} from '../../src/testing.ts'

const read = (...pieces: Parameters<typeof streamOf>[0][]): Promise<MessageReader> =>
  readMessages(responseOf(pieces.flatMap((some) => [...(some as Iterable<string>)])))

/** What is told of what is not as expected. */
const told = async (step: Promise<unknown>): Promise<string> => {
  const error = await step.then(
    () => 'nothing was thrown',
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ExpectationError)
  return (error as Error).message
}

const isValue = ({ data }: ExpectedMessage): boolean =>
  data !== undefined && typeof data !== 'string' && !(data instanceof RegExp)

/** Says this, and then nothing until its reader leaves. */
function silentAfter(...texts: string[]): { body: ReadableStream<Uint8Array>; hasLeft: () => boolean } {
  let hasLeft = false
  const left = Promise.withResolvers<void>()
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const text = texts.shift()
        if (text === undefined) return left.promise
        controller.enqueue(new TextEncoder().encode(text))
      },
      cancel() {
        hasLeft = true
        left.resolve()
      },
    },
    { highWaterMark: 0 },
  )
  return { body, hasLeft: () => hasLeft }
}

describe('MessageReader', () => {
  describe('next, take, until, rest', () => {
    it('hand out each message once, in order, and nothing but messages', async () => {
      const messages = await read([': a\n\n', 'data: 1\n\nretry: 7\n\ndata: 2\n\n', 'event: x\ndata: 3\nid: i\n\n'])
      expect(await messages.next()).toStrictEqual({ data: '1' })
      expect(await messages.take(2)).toStrictEqual([{ data: '2' }, { data: '3', event: 'x', id: 'i' }])
      expect(await messages.rest()).toEqual([])
    })

    it('read on to a name, a message, or what a function wants, and no further', async () => {
      const messages = await read([
        'data: 1\n\nevent: x\ndata: 2\n\ndata: 3\n\ndata: {"n":4}\n\ndata: 5\n\ndata: 6\n\n',
      ])
      expect(await messages.until('x')).toEqual([{ data: '1' }, { data: '2', event: 'x' }])
      expect(await messages.until({ data: { n: 4 } })).toHaveLength(2)
      expect(await messages.until(({ data }) => data > '4')).toEqual([{ data: '5' }])
      expect(await messages.rest()).toEqual([{ data: '6' }])
    })

    it('read nothing that was not asked for', async () => {
      let asked = 0
      const pieces = (function* () {
        for (;;) yield { data: ++asked }
      })()
      const messages = await readMessages(responseOf(pieces))
      expect(asked).toBe(0)
      await messages.take(3)
      expect(asked).toBe(3)
    })

    it('say what there was when the stream ends before', async () => {
      expect(await told((await read(['data: a\n\n'])).take(2))).toBe(
        'Cannot read 2 messages: it ended, after 1 message, the last {"data":"a"}',
      )
      expect(await told((await read([': a\n\n'])).next())).toBe(
        'Cannot read a message: it ended, after 0 messages and 1 comment',
      )
      expect(await told((await read([])).until('x'))).toBe(
        'Cannot read on to {"event":"x"}: it ended, after 0 messages',
      )
    })

    it('say so when the stream breaks off, with what it broke off with', async () => {
      const messages = await readMessages(
        streamOf(
          (function* () {
            yield 'data: a\n\ndata: hal'
            throw new TypeError('terminated\u001b[31m')
          })(),
        ),
      )
      await messages.next()
      const error = await messages.next().catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'not-as-expected', cause: expect.any(TypeError) })
      expect((error as Error).message).toBe(
        'Cannot read a message: it broke off (TypeError: terminated\\u{1b}[31m), after 1 message, the last {"data":"a"}',
      )
    })

    it('say so also where what it broke off with has no text', async () => {
      const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(Object.create(null)) })
      const messages = await readMessages(body)
      expect(await told(messages.next())).toMatch(/^Cannot read a message: it broke off \(something that has no text\)/)
    })

    it('say what there was when nothing comes in time, and go on where they were', async () => {
      const more = Promise.withResolvers<string>()
      const pieces = (async function* () {
        yield 'data: a\n\n: beat\n\n'
        yield more.promise
        await new Promise(() => {}) // What comes has to be handed out without anything behind it.
      })()
      const messages = await readMessages(streamOf(pieces), { timeout: 20 })
      expect(await told(messages.take(2))).toBe(
        'Cannot read 2 messages: it was not there after 0.02 s, after 1 message and 1 comment, the last {"data":"a"}',
      )
      more.resolve('data: b\n\n')
      expect(await messages.next()).toEqual({ data: 'b' })
    })

    it('say of what did not come in time where in the test it was waited for, and how much was ignored', async () => {
      const messages = await readMessages(silentAfter('event: x\n\nevent: x\ndata: 1\n\n').body, {
        timeout: 20,
        ignore: ['x'],
      })
      const { stack, message } = await messages.expect({ data: 'a' }).catch((reason) => reason)
      expect(message).toContain('after 0 messages (and 1 ignored)')
      expect(stack.split('\n')[0]).toBe(`ExpectationError: ${message}`)
      expect(stack).toMatch(/^ +at .*message-reader\.test\.ts:\d+/m)
    })

    it('give up in time also where a test has stopped the clock, or a stream is always ready', async () => {
      vi.useFakeTimers()
      onTestFinished(() => void vi.useRealTimers())
      const silent = await readMessages(silentAfter().body, { timeout: 20 })
      expect(await told(silent.next())).toMatch(/after 0.02 s/)
      const endless = (function* () {
        for (;;) yield '\n'
      })()
      const busy = await readMessages(streamOf(endless), { timeout: 50 })
      expect(await told(busy.next())).toMatch(/after 0.05 s/)
      await busy.cancel()
    })

    it('give up what comes without end', async () => {
      const endless = (function* () {
        for (;;) yield 'id: 1\ndata: a\n\n'.repeat(100)
      })()
      const messages = await readMessages(streamOf(endless))
      expect(await messages.take(20_000)).toHaveLength(20_000)
      expect(await told(messages.rest())).toMatch(
        /^Cannot read to the end: it is not among 10000 messages and comments,/,
      )
      await messages.cancel()
    })

    it('break off at a line that is too long, before it ends', async () => {
      const endless = (function* () {
        yield 'data: '
        for (;;) yield 'x'
      })()
      const messages = await readMessages(streamOf(endless), { maxLength: 1_000 })
      expect(await told(messages.next())).toMatch(/a message is longer than 1000/)
    })

    it('break off at a message that is too long', async () => {
      const messages = await readMessages(streamOf([`data: a\n\ndata: ${'x'.repeat(50)}\n\n`]), { maxLength: 40 })
      await messages.next()
      expect(await told(messages.next())).toMatch(/it broke off \(SseError: Cannot read: a message is longer than 40/)
    })
  })

  describe('expect', () => {
    it.each<[string, ExpectedMessage]>([
      ['data to the letter', { data: '{"a":1}' }],
      ['data as JSON, in part', { data: { list: [1, { b: 2 }], text: 'x' } }],
      ['patterns, within JSON too', { data: { text: /^x$/g }, event: /pro/y, id: /\d/g }],
      ['what has to be absent', { data: { other: undefined } }],
      ['nothing', {}],
    ])('takes %s', async (_, expected) => {
      const data = expected.data === '{"a":1}' ? '{"a":1}' : '{"list":[1,{"b":2,"c":3}],"text":"x","more":null}'
      const wire = `event: progress\nid: 7\ndata: ${data}\n\n`
      for (let round = 0; round < 2; round++) {
        const message = await (await read([wire])).expect(expected)
        expect(message).toEqual({ event: 'progress', id: '7', data })
      }
    })

    it('takes a message without a name for one that is called message, as EventSource does', async () => {
      const messages = await read(['data: a\n\ndata: b\n\nevent: message\ndata: c\n\n'])
      await messages.expect({ event: 'message', id: undefined })
      await messages.expect({ event: undefined })
      await messages.expect({ event: 'message' })
    })

    it.each([
      ['another text', { data: 'b' }],
      ['a part of the text', { data: '{"a"' }],
      ['another value', { data: { a: 2 } }],
      ['a value more', { data: { a: 1, b: undefined, d: 1 } }],
      ['what should be absent', { data: { a: undefined } }],
      ['a list of another length', { data: { c: [1] } }],
      ['a list for an object', { data: [] }],
      ['an object for a list', { data: { c: {} } }],
      ['null for an object', { data: { c: null } }],
      ['a name', { event: undefined }],
      ['another id', { id: '8' }],
      ['a pattern for what is no text', { data: { a: /1/ } }],
    ])('does not take %s', async (_, expected) => {
      const messages = await read(['event: x\nid: 7\ndata: {"a":1,"c":[1,2]}\n\n'])
      await expect(messages.expect(expected)).rejects.toMatchObject({
        code: 'not-as-expected',
        expected,
        // Where a value is expected a value is shown: of a text beside it a runner would say that all of it differs.
        actual: { event: 'x', id: '7', data: isValue(expected) ? { a: 1, c: [1, 2] } : '{"a":1,"c":[1,2]}' },
      })
    })

    it('does not take text that is no JSON for a value', async () => {
      expect(await told((await read(['data: {\n\n'])).expect({ data: {} }))).toBe(
        'Cannot read {"data":{}}: {"data":"{"} came, after 0 messages',
      )
    })

    it('refuses what no message has', async () => {
      const messages = await read(['data: a\n\n'])
      const refusal = expect.objectContaining({ code: 'invalid-option', field: 'dat' })
      expect(() => messages.expect({ dat: 'a' } as ExpectedMessage)).toThrow(refusal)
      expect(() => messages.until({ dat: 'a' } as ExpectedMessage)).toThrow(refusal)
    })

    it('says what was expected, what came and what came before, harmless and not too long', async () => {
      const messages = await read([`data: \u001b[2J\u202ea\n\ndata: ${'é'.repeat(9_999)}\n\n`])
      await messages.next()
      const text = await told(messages.expect({ event: 'done\u0007', data: /x/ }))
      expect(text).toContain('Cannot read {"event":"done\\u0007","data":"/x/"}: {"data":"éé')
      expect(text).toContain('é… came, after 1 message')
      expect(text.length).toBeLessThan(500)
      const again = await told(messages.next())
      expect(again.length).toBeLessThan(500)
      const error = await (await read(['event: \u001b[2J\ndata: b\n\n']))
        .expect({ data: 'a' })
        .catch((reason) => reason)
      expect(error.actual).toEqual({ event: '\\u{1b}[2J', data: 'b' })
      const within = await read(['data: {"a":"\\u001b[2J"}\n\n', `data: [${'1,'.repeat(6_000)}1]\n\n`])
      const value = await within.expect({ data: { a: 'x' } }).catch((reason) => reason)
      expect(value.actual).toEqual({ data: { a: '\\u{1b}[2J' } })
      const other = await within.expect({ data: {} }).catch((reason) => reason)
      expect(other.actual.data.length).toBe(301)
      const first = await read(['data: \u001b[2J\u202ea\u2028\n\n'])
      expect(await told(first.expect({ data: 'b' }))).toContain('{"data":"\\u001b[2J\\u{202e}a\\u{2028}"} came')
    })
  })

  describe('comments, retry, lastEventId', () => {
    it('are those before the place where the reader is, however it came in chunks', async () => {
      const wire = ': a\n\nretry: 5\nid: 1\ndata: x\n\n: b\n: c\n\ndata: y\n\nid\ndata: z\n\n: d\n\n'
      for (const chunks of [[wire], [...wire]]) {
        const messages = await read(chunks)
        expect([messages.comments, messages.retry, messages.lastEventId]).toEqual([[], undefined, ''])
        await messages.next()
        expect([messages.comments, messages.retry, messages.lastEventId]).toEqual([['a'], 5, '1'])
        await messages.next()
        expect([messages.comments, messages.retry, messages.lastEventId]).toEqual([['a', 'b', 'c'], 5, '1'])
        await messages.next()
        expect(messages.lastEventId).toBe('')
        await messages.expectEnd()
        expect(messages.comments).toEqual(['a', 'b', 'c', 'd'])
      }
    })

    it('know the id of a block without data, in its place', async () => {
      const wire = '\ufeffid: 0\n\nid: 1\ndata: a\n\nid: 2\nid: 3\0\n\nid:  4\n\nevent: x\n\nid: 5\n'
      for (const chunks of [[wire], byteByByte(wire)]) {
        const messages = await readMessages(streamOf(chunks))
        await messages.next()
        expect(messages.lastEventId).toBe('1')
        await messages.expectEnd()
        expect(messages.lastEventId).toBe(' 4')
      }
    })

    it('hand out a message that ends with CR at once', async () => {
      const { body } = silentAfter('data: a\r', '\r', '\ndata: b\r\n', '\r')
      const messages = await readMessages(body)
      expect([await messages.next(), await messages.next()]).toEqual([{ data: 'a' }, { data: 'b' }])
      await messages.cancel()
    })

    it('keep the newest thousand comments', async () => {
      const messages = await read([': a\n'.repeat(1_500), ': last\n\ndata: x\n\n'])
      await messages.next()
      expect(messages.comments).toHaveLength(1_000)
      expect(messages.comments.at(-1)).toBe('last')
    })

    it('can be expected, with no message before them', async () => {
      const messages = await read([': heartbeat=15\n\n: b\n\ndata: x\n\n: c\n\n'])
      expect(await messages.expectComment(/^heartbeat=\d+$/)).toBe('heartbeat=15')
      await messages.expectComment('b')
      expect(await told(messages.expectComment('c'))).toBe(
        'Cannot read the comment "c": {"data":"x"} came, after 0 messages and 2 comments',
      )
      expect(await told(messages.expectComment('d'))).toBe(
        'Cannot read the comment "d": "c" came, after 1 message and 3 comments, the last {"data":"x"}',
      )
      expect(await told(messages.expectComment('d'))).toMatch(/it ended/)
    })
  })

  describe('expectEnd, expectCut', () => {
    it('is the end and no message before it', async () => {
      const messages = await read(['data: a\n\n: b\n\n'])
      expect(await told(messages.expectEnd())).toBe('Cannot read the end: {"data":"a"} came, after 0 messages')
      expect(await messages.expectEnd()).toBeUndefined()
      expect(await messages.expectEnd()).toBeUndefined()
    })

    it('takes stream.end as part of the end, and says whether to come back', async () => {
      const end = 'event: stream.end\ndata: {}\n'
      expect(await (await read([`${end}id: ~end\n\n`])).expectEnd()).toEqual({ reconnect: false })
      expect(await (await read([`${end}\n`])).expectEnd()).toEqual({ reconnect: true })
      expect(await told((await read([`${end}\ndata: a\n\n`])).expectEnd())).toMatch(/\{"data":"a"\} came/)
    })

    it('is not the end where it breaks off or stays open', async () => {
      const broken = (): ReadableStream<Uint8Array> =>
        streamOf(
          (function* () {
            yield 'data: a\n\n'
            throw new TypeError('terminated')
          })(),
        )
      const messages = await readMessages(broken())
      await messages.next()
      expect(await told(messages.expectEnd())).toMatch(/^Cannot read the end: it broke off/)
      const others = await readMessages(broken())
      expect(await told(others.expectCut())).toMatch(/\{"data":"a"\} came/)
      expect(await others.expectCut()).toMatchObject({ message: 'terminated' })
      const open = await readMessages(silentAfter().body, { timeout: 20 })
      expect(await told(open.expectEnd())).toBe('Cannot read the end: it was not there after 0.02 s, after 0 messages')
      expect(await told((await read([])).expectCut())).toBe(
        'Cannot read on to where it is cut: it ended, after 0 messages',
      )
    })
  })

  describe('leaving', () => {
    it('cancels the body, and what waits gets to the end', async () => {
      const { body, hasLeft } = silentAfter('data: a\n\n')
      const messages = await readMessages(body)
      await messages.next()
      const waiting = messages.next()
      await Promise.all([told(waiting), messages.cancel()])
      expect(await told(waiting)).toMatch(/its reader has left/)
      expect(hasLeft()).toBe(true)
      await messages.cancel()
    })

    it('is what the end of a loop or of a block does', async () => {
      const loop = silentAfter('data: a\n\ndata: b\n\n')
      for await (const { data } of await readMessages(loop.body)) if (data === 'b') break
      expect(loop.hasLeft()).toBe(true)
      const block = silentAfter('data: a\n\n')
      {
        await using messages = await readMessages(block.body)
        await messages.next()
      }
      expect(block.hasLeft()).toBe(true)
    })

    it('ends the loop where the stream ends, and throws where it breaks off', async () => {
      const seen: string[] = []
      for await (const { data } of await read(['data: a\n\ndata: b\n\n'])) seen.push(data)
      expect(seen).toEqual(['a', 'b'])
      const broken = await readMessages(
        streamOf(
          // biome-ignore lint/correctness/useYield: it throws before.
          (function* (): Generator<string> {
            throw new TypeError('terminated')
          })(),
        ),
      )
      await expect(Array.fromAsync(broken)).rejects.toThrow('Cannot read on: it broke off (TypeError: terminated)')
    })
  })

  it('passes over events that it is to ignore', async () => {
    const wire = 'event: a\ndata: 1\nid: 1\n\ndata: 2\n\nevent: b\ndata: 3\n\n'
    const messages = await readMessages(streamOf([wire]), { ignore: ['a', 'message'] })
    await messages.expect({ event: 'b' })
    expect(messages.lastEventId).toBe('1')
  })
})
