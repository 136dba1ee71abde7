import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SseError, type SseErrorCode } from '../src/errors.ts'
import { readJson } from '../src/json-body.ts'

type Body = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>

const post = (body: Body, headers: Record<string, string> = {}): Request =>
  new Request('http://localhost/', {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
    duplex: 'half',
  } as RequestInit)

const codeOf = async (reading: Promise<unknown>): Promise<SseErrorCode> => {
  const error = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(SseError)
  return (error as SseError).code
}

const encoder = new TextEncoder()
const rewritten = async (json: string): Promise<string> => JSON.stringify(await readJson(post(json)))

describe('readJson', () => {
  it('reads an object', async () => {
    expect(await readJson(post('{"event":"chat","data":{"text":"hällo 😀","list":[true,null]}}'))).toEqual({
      event: 'chat',
      data: { text: 'hällo 😀', list: [true, null] },
    })
  })

  it('reads a body that comes in pieces, cut inside a character', async () => {
    const bytes = encoder.encode('{"a":"😀"}')
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
        controller.close()
      },
    })
    expect(await readJson(post(body))).toEqual({ a: '😀' })
  })

  describe('media types', () => {
    it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON', ' application/json ;x=y'])(
      'takes %j',
      async (type) => {
        expect(await readJson(post('1', { 'content-type': type }))).toBeDefined()
      },
    )

    it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', 'text/json', ''])(
      'refuses %j',
      async (type) => {
        expect(await codeOf(readJson(post('1', { 'content-type': type })))).toBe('unsupported-media-type')
      },
    )

    it('refuses a body without one', async () => {
      const request = new Request('http://localhost/', { method: 'POST', body: encoder.encode('1') })
      expect(await codeOf(readJson(request))).toBe('unsupported-media-type')
    })

    it.each(['gzip', 'br', 'identity, gzip', 'GZIP'])('refuses the encoding %j', async (encoding) => {
      expect(await codeOf(readJson(post('1', { 'content-encoding': encoding })))).toBe('unsupported-encoding')
    })

    it('takes the encoding identity', async () => {
      expect(await readJson(post('"a"', { 'content-encoding': 'Identity' }))).toBe('a')
    })
  })

  describe('the size limit', () => {
    it('refuses by content-length before it reads a byte', async () => {
      const pull = vi.fn()
      const body = new ReadableStream<Uint8Array>({ pull }, { highWaterMark: 0 })
      expect(await codeOf(readJson(post(body, { 'content-length': '1048577' })))).toBe('payload-too-large')
      expect(pull).not.toHaveBeenCalled()
    })

    it('counts what an endless body really sends, and cancels it', async () => {
      let sent = 0
      const cancel = vi.fn()
      const body = new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            sent += 1000
            controller.enqueue(new Uint8Array(1000).fill(0x20))
          },
          cancel,
        },
        { highWaterMark: 0 },
      )
      expect(await codeOf(readJson(post(body, { 'content-length': '10' }), { limit: 5000 }))).toBe('payload-too-large')
      expect(sent).toBe(6000)
      expect(cancel).toHaveBeenCalledOnce()
    })

    it('takes a body of exactly the limit, and not one byte more', async () => {
      expect(await readJson(post('"123456"'), { limit: 8 })).toBe('123456')
      expect(await codeOf(readJson(post('"1234567"'), { limit: 8 }))).toBe('payload-too-large')
    })

    it('is 1 MiB unless told otherwise', async () => {
      expect(await readJson(post(`"${'x'.repeat(1_048_574)}"`))).toHaveLength(1_048_574)
      expect(await codeOf(readJson(post(`"${'x'.repeat(1_048_575)}"`)))).toBe('payload-too-large')
    })
  })

  describe('the time limit', () => {
    beforeEach(() => void vi.useFakeTimers())
    afterEach(() => void vi.useRealTimers())

    /** A body that sends a space each second and never ends. */
    function dripping(): { body: ReadableStream<Uint8Array>; cancel: ReturnType<typeof vi.fn> } {
      const cancel = vi.fn()
      let timer: ReturnType<typeof setInterval>
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          timer = setInterval(() => controller.enqueue(Uint8Array.of(0x20)), 1000)
        },
        cancel() {
          clearInterval(timer)
          cancel()
        },
      })
      return { body, cancel }
    }

    it('refuses a body that is not here after 10 s, however it drips, and cancels it', async () => {
      const { body, cancel } = dripping()
      let code: SseErrorCode | undefined
      const reading = codeOf(readJson(post(body))).then((result) => {
        code = result
      })
      await vi.advanceTimersByTimeAsync(9_999)
      expect(code).toBeUndefined()
      await vi.advanceTimersByTimeAsync(1)
      await reading
      expect(code).toBe('request-timeout')
      expect(cancel).toHaveBeenCalledOnce()
    })

    it('can be set', async () => {
      const { body } = dripping()
      const reading = codeOf(readJson(post(body), { timeout: 50 }))
      await vi.advanceTimersByTimeAsync(50)
      expect(await reading).toBe('request-timeout')
    })

    it('leaves no timer behind', async () => {
      await readJson(post('1'))
      expect(vi.getTimerCount()).toBe(0)
      await codeOf(readJson(post('"long"'), { limit: 2 }))
      expect(vi.getTimerCount()).toBe(0)
    })
  })

  describe('nesting', () => {
    const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)
    const objects = (levels: number): string => '{"a":'.repeat(levels) + 1 + '}'.repeat(levels)

    it('takes 64 levels and refuses 65', async () => {
      expect(await rewritten(nested(64))).toBe(nested(64))
      expect(await codeOf(readJson(post(nested(65))))).toBe('invalid-json')
      expect(await rewritten(objects(64))).toBe(objects(64))
      expect(await codeOf(readJson(post(objects(65))))).toBe('invalid-json')
    })

    it('counts depth, not brackets', async () => {
      const json = `[${Array(100).fill('[]').join(',')}]`
      expect(await rewritten(json)).toBe(json)
    })

    it('does not count brackets inside strings', async () => {
      const json = JSON.stringify({ ['['.repeat(70)]: `${'{'.repeat(70)}"\\${'['.repeat(70)}\\` })
      expect(await rewritten(json)).toBe(json)
    })

    it('counts what follows a string that ends with a backslash', async () => {
      expect(await codeOf(readJson(post(`["\\\\",${nested(64)}]`)))).toBe('invalid-json')
      expect(await rewritten(`["\\\\",${nested(63)}]`)).toBe(`["\\\\",${nested(63)}]`)
    })

    it('refuses a body of brackets alone without parsing it', async () => {
      const parse = vi.spyOn(JSON, 'parse')
      expect(await codeOf(readJson(post('['.repeat(100_000))))).toBe('invalid-json')
      expect(parse).not.toHaveBeenCalled()
      parse.mockRestore()
    })
  })

  describe('text', () => {
    it.each(['', ' ', '{', '{"a":1}x', "{'a':1}", '[1,]', 'NaN', 'undefined', '\0'])(
      'refuses %j, which is not JSON',
      async (text) => {
        expect(await codeOf(readJson(post(text)))).toBe('invalid-json')
      },
    )

    it.each([
      ['a byte that never occurs', [0x22, 0xff, 0x22]],
      ['a character cut off', [0x22, 0xf0, 0x9f, 0x98, 0x22]],
      ['a surrogate in UTF-8', [0x22, 0xed, 0xa0, 0x80, 0x22]],
      ['a slash in two bytes', [0x22, 0xc0, 0xaf, 0x22]],
    ])('refuses %s, which is not UTF-8', async (_, bytes) => {
      expect(await codeOf(readJson(post(Uint8Array.from(bytes))))).toBe('invalid-utf8')
    })

    it.each(['"\\ud800"', '"a\\udc00b"', '{"a":["\\ud83d"]}', '{"\\ud83d":1}', '{"a":{"\\ude00":null}}'])(
      'refuses the lone surrogate in %s',
      async (json) => {
        expect(await codeOf(readJson(post(json)))).toBe('invalid-utf8')
      },
    )

    it('takes a surrogate pair that is escaped', async () => {
      expect(await readJson(post('{"\\ud83d\\ude00":"\\ud83d\\ude00"}'))).toEqual({ '😀': '😀' })
    })
  })

  describe('values', () => {
    it.each(['1.0', '1e400', '-0', '12345678901234567890', '0.1000', '1E+2', '-1.50e-7'])(
      'keeps %s as it was written',
      async (number) => {
        expect(await rewritten(number)).toBe(number)
        expect(await rewritten(`{"a":[${number},{"b":${number}}]}`)).toBe(`{"a":[${number},{"b":${number}}]}`)
      },
    )

    it('keeps __proto__ as a key of its own', async () => {
      const value = (await readJson(post('{"__proto__":{"admin":true},"a":1}'))) as object
      expect(Object.hasOwn(value, '__proto__')).toBe(true)
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
      expect('admin' in value).toBe(false)
      expect(JSON.stringify(value)).toBe('{"__proto__":{"admin":true},"a":1}')
    })
  })

  it('says that a body broke off', async () => {
    const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(new Error('reset')) })
    const error = await readJson(post(body)).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'malformed-request', cause: expect.anything() })
  })
})
