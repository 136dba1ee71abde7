import { describe, expect, it } from 'vitest'
import { SseError } from '../src/errors.ts'
import { formatBlock, formatComment, formatMessage, formatRetry, type Message } from '../src/message.ts'

/** What `work` throws; the test fails when it throws nothing. */
function thrownBy(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  throw new Error('Nothing was thrown')
}

/** Asserts that `work` is refused for `field`, with a message that names it. */
function expectRefusal(work: () => unknown, field: string, state: string): void {
  const error = thrownBy(work)
  expect(error).toBeInstanceOf(SseError)
  expect(error).toMatchObject({ code: 'cannot-encode', field, message: `Cannot encode message: \`${field}\` ${state}` })
}

describe('formatMessage', () => {
  it('writes data alone as one field and a blank line', () => {
    expect(formatMessage({ data: 'hello' })).toBe('data: hello\n\n')
  })

  it('writes every field on a line of its own', () => {
    expect(formatMessage({ id: '7', event: 'progress', retry: 3000, data: { done: 7, of: 10 } })).toBe(
      'event: progress\ndata: {"done":7,"of":10}\nretry: 3000\nid: 7\n\n',
    )
  })

  it.each([
    ['a number', 42, '42'],
    ['zero', 0, '0'],
    ['true', true, 'true'],
    ['false', false, 'false'],
    ['null', null, 'null'],
    ['an empty array', [], '[]'],
    ['a nested object', { a: [1, { b: null }] }, '{"a":[1,{"b":null}]}'],
    ['a date', new Date(0), '"1970-01-01T00:00:00.000Z"'],
    ['a line break inside an object', { text: 'a\r\nb' }, '{"text":"a\\r\\nb"}'],
    ['a lone surrogate inside an object', { text: '\ud800' }, '{"text":"\\ud800"}'],
  ])('writes %s as JSON', (_, data, json) => {
    expect(formatMessage({ data })).toBe(`data: ${json}\n\n`)
  })

  it.each([
    ['an empty string', '', 'data: \n\n'],
    ['a string that looks like JSON', '{"a":1}', 'data: {"a":1}\n\n'],
    ['a leading space', ' a', 'data:  a\n\n'],
    ['a leading colon', ':a', 'data: :a\n\n'],
    ['NUL', 'a\0b', 'data: a\0b\n\n'],
    ['a byte order mark', '\ufeffa', 'data: \ufeffa\n\n'],
    ['an emoji', '😀', 'data: 😀\n\n'],
    ['U+2028 and U+0085, which are no line ends here', 'a\u2028b\u0085c', 'data: a\u2028b\u0085c\n\n'],
  ])('leaves %s as it is', (_, data, wire) => {
    expect(formatMessage({ data })).toBe(wire)
  })

  it.each([
    ['LF', 'a\nb', 'data: a\ndata: b\n\n'],
    ['CR', 'a\rb', 'data: a\ndata: b\n\n'],
    ['CRLF', 'a\r\nb', 'data: a\ndata: b\n\n'],
    ['LF CR, which are two', 'a\n\rb', 'data: a\ndata: \ndata: b\n\n'],
    ['a line end at the start', '\na', 'data: \ndata: a\n\n'],
    ['a line end at the end', 'a\n', 'data: a\ndata: \n\n'],
    ['a line end alone', '\n', 'data: \ndata: \n\n'],
    ['text that would forge a field', 'a\nid: 9\n\ndata: b', 'data: a\ndata: id: 9\ndata: \ndata: data: b\n\n'],
  ])('splits data at %s', (_, data, wire) => {
    expect(formatMessage({ data })).toBe(wire)
  })

  it.each([
    ['0', 'data: a\nid: 0\n\n'],
    ['', 'data: a\nid: \n\n'],
    [' 1 ', 'data: a\nid:  1 \n\n'],
    ['~end ', 'data: a\nid: ~end \n\n'],
  ])('keeps the id %j', (id, wire) => {
    expect(formatMessage({ data: 'a', id })).toBe(wire)
  })

  it.each([
    ['undefined', { data: 'a', event: undefined, id: undefined, retry: undefined }],
    ['absent', { data: 'a' }],
    ['an empty event name', { data: 'a', event: '' }],
  ])('writes no line for a field that is %s', (_, message) => {
    expect(formatMessage(message)).toBe('data: a\n\n')
  })

  it('writes a retry of 0', () => {
    expect(formatMessage({ data: 'a', retry: 0 })).toBe('data: a\nretry: 0\n\n')
  })

  for (const field of ['event', 'id'] as const) {
    it.each([
      ['LF', 'a\nb', 'contains a newline'],
      ['CR', 'a\rb', 'contains a newline'],
      ['CRLF', 'a\r\nb', 'contains a newline'],
      ['a trailing LF', 'a\n', 'contains a newline'],
      ['NUL', 'a\0b', 'contains NUL'],
      ['a lone high surrogate', 'a\ud83d', 'contains a lone surrogate'],
      ['a lone low surrogate', '\ude00a', 'contains a lone surrogate'],
    ])(`refuses %s in ${field}`, (_, text, state) => {
      expectRefusal(() => formatMessage({ data: 'a', [field]: text }), field, state)
    })

    it.each([5, null, true, {}])(`refuses ${field} %j, which is not a string`, (value) => {
      expectRefusal(() => formatMessage({ data: 'a', [field]: value } as unknown as Message), field, 'is not a string')
    })
  }

  it('refuses a lone surrogate in data', () => {
    expectRefusal(() => formatMessage({ data: 'a\ud83d' }), 'data', 'contains a lone surrogate')
    expectRefusal(() => formatMessage({ data: 'a\n\ude00' }), 'data', 'contains a lone surrogate')
  })

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '5', null])('refuses a retry of %j', (retry) => {
    expectRefusal(
      () => formatMessage({ data: 'a', retry } as unknown as Message),
      'retry',
      'is not a whole number of milliseconds',
    )
  })

  it('refuses a message without data', () => {
    expectRefusal(() => formatMessage({} as unknown as Message), 'data', 'is missing')
    expectRefusal(() => formatMessage({ event: 'a', data: undefined }), 'data', 'is missing')
  })

  const circular: Record<string, unknown> = {}
  circular.self = circular
  it.each([
    ['a function', () => 1],
    ['a symbol', Symbol('a')],
    ['a BigInt', 1n],
    ['a BigInt deep inside', { a: [1n] }],
    ['a circular object', circular],
    ['an object whose toJSON gives nothing', { toJSON: () => undefined }],
  ])('refuses %s as data', (_, data) => {
    expectRefusal(() => formatMessage({ data }), 'data', 'has no JSON')
  })

  it('keeps what JSON.stringify threw as the cause', () => {
    const cause = new Error('of its own')
    const data = {
      toJSON() {
        throw cause
      },
    }
    expect(thrownBy(() => formatMessage({ data }))).toMatchObject({ code: 'cannot-encode', cause })
  })

  it('refuses the id that ends a stream', () => {
    expectRefusal(() => formatMessage({ data: 'a', id: '~end' }), 'id', 'is ~end, which ends a stream')
  })
})

describe('formatBlock', () => {
  it('writes the id that ends a stream', () => {
    expect(formatBlock({ id: '~end', event: 'stream.end', data: { reconnect: false } })).toBe(
      'event: stream.end\ndata: {"reconnect":false}\nid: ~end\n\n',
    )
  })

  it('refuses a newline as formatMessage does', () => {
    expectRefusal(() => formatBlock({ data: 'a', event: 'a\nb' }), 'event', 'contains a newline')
  })
})

describe('formatComment', () => {
  it.each([
    ['text', 'heartbeat=15', ': heartbeat=15\n\n'],
    ['nothing', '', ': \n\n'],
    ['a colon', ':', ': :\n\n'],
    ['LF', 'a\nb', ': a\n: b\n\n'],
    ['CR', 'a\rb', ': a\n: b\n\n'],
    ['CRLF', 'a\r\nb', ': a\n: b\n\n'],
    ['text that would forge an event', 'a\n\ndata: b', ': a\n: \n: data: b\n\n'],
  ])('writes %s so that it stays a comment', (_, text, wire) => {
    expect(formatComment(text)).toBe(wire)
  })

  it('refuses a lone surrogate', () => {
    expectRefusal(() => formatComment('\ud83d'), 'comment', 'contains a lone surrogate')
  })
})

describe('formatRetry', () => {
  it('writes a block of one field', () => {
    expect(formatRetry(2500)).toBe('retry: 2500\n\n')
    expect(formatRetry(0)).toBe('retry: 0\n\n')
  })

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (milliseconds) => {
    expectRefusal(() => formatRetry(milliseconds), 'retry', 'is not a whole number of milliseconds')
  })
})
