import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type BodyOptions, mediaType, readText } from '../src/body-text.ts'
import { SseError, type SseErrorCode } from '../src/errors.ts'
import { byteByByte, chunked, streamOf } from '../src/testing.ts'

type Body = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>

const TYPE = 'application/x-test'
const encoder = new TextEncoder()

const post = (body: Body, headers: Record<string, string> = {}): Request =>
  new Request('http://localhost/', {
    method: 'POST',
    body,
    headers: { 'content-type': TYPE, ...headers },
    duplex: 'half',
  } as RequestInit)
const read = (body: Body, options?: BodyOptions): Promise<string> => readText(post(body), TYPE, options)

/** V8 gives its collector only to who asks for it: https://nodejs.org/api/v8.html#v8setflagsfromstringflags */
const collectGarbage = (): void => {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

const codeOf = async (reading: Promise<unknown>): Promise<SseErrorCode> => {
  const error = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(SseError)
  return (error as SseError).code
}

describe('mediaType', () => {
  it.each([
    ['text/plain', 'text/plain'],
    ['Text/Plain; charset=utf-8', 'text/plain'],
    [' text/plain ;x=y', 'text/plain'],
    ['', ''],
  ])('of %j is %j', (type, expected) => {
    expect(mediaType(post('x', { 'content-type': type }))).toBe(expected)
  })

  it('is undefined without one', () => {
    expect(mediaType(new Request('http://localhost/', { method: 'POST', body: encoder.encode('1') }))).toBeUndefined()
  })
})

describe('readText', () => {
  it('reads text', async () => {
    expect(await read('hällo 😀\n')).toBe('hällo 😀\n')
    expect(await readText(new Request('http://localhost/', { headers: { 'content-type': TYPE } }), TYPE)).toBe('')
  })

  it('reads a body that comes in pieces, cut inside a character', async () => {
    expect(await read(streamOf(byteByByte('a😀é')))).toBe('a😀é')
  })

  it('keeps no piece of a body alive', async () => {
    // Each piece is one byte of much that came with it, as a runtime may hand them out.
    const pieces: WeakRef<ArrayBuffer>[] = []
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const reading = read(readable)
    const writer = writable.getWriter()
    for (let n = 0; n < 100; n++) {
      const buffer = new ArrayBuffer(65_536)
      pieces.push(new WeakRef(buffer))
      await writer.write(new Uint8Array(buffer, 0, 1).fill(97))
    }
    await new Promise((resolve) => setTimeout(resolve))
    collectGarbage()
    expect(pieces.filter((piece) => piece.deref()).length).toBeLessThan(10)
    await writer.close()
    expect(await reading).toBe('a'.repeat(100))
  })

  it('makes room for what comes, up to the limit', async () => {
    for (const length of [16_383, 16_384, 16_385, 100_000, 1_048_576]) {
      const text = Array.from({ length }, (_, n) => n % 10).join('')
      expect(await read(text)).toBe(text)
      expect(await read(streamOf(chunked(text, [1_000])))).toBe(text)
    }
  })

  it('drops a byte order mark at the beginning, and none inside', async () => {
    expect(await read('\ufeffa\ufeffb')).toBe('a\ufeffb')
  })

  it('says that a body broke off', async () => {
    const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(new Error('reset')) })
    const error = await read(body).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'malformed-request', cause: expect.anything() })
  })

  describe('media types', () => {
    it.each([TYPE, `${TYPE}; charset=utf-8`, TYPE.toUpperCase(), ` ${TYPE} ;x=y`])('takes %j', async (type) => {
      expect(await readText(post('1', { 'content-type': type }), TYPE)).toBe('1')
    })

    it.each(['text/plain', 'application/x-www-form-urlencoded', `${TYPE}x`, `${TYPE}, ${TYPE}`, ''])(
      'refuses %j',
      async (type) => {
        expect(await codeOf(readText(post('1', { 'content-type': type }), TYPE))).toBe('unsupported-media-type')
      },
    )

    it('refuses a body without one', async () => {
      const request = new Request('http://localhost/', { method: 'POST', body: encoder.encode('1') })
      expect(await codeOf(readText(request, TYPE))).toBe('unsupported-media-type')
    })
  })

  describe('encodings', () => {
    it.each(['gzip', 'br', 'identity, gzip', 'GZIP'])('refuses %j, and reads no byte', async (encoding) => {
      const pull = vi.fn()
      const body = new ReadableStream<Uint8Array>({ pull }, { highWaterMark: 0 })
      expect(await codeOf(readText(post(body, { 'content-encoding': encoding }), TYPE))).toBe('unsupported-encoding')
      expect(pull).not.toHaveBeenCalled()
    })

    it('takes identity', async () => {
      expect(await readText(post('a', { 'content-encoding': 'Identity' }), TYPE)).toBe('a')
    })
  })

  describe('the size limit', () => {
    it('refuses by content-length before it reads a byte', async () => {
      const pull = vi.fn()
      const body = new ReadableStream<Uint8Array>({ pull }, { highWaterMark: 0 })
      expect(await codeOf(readText(post(body, { 'content-length': '1048577' }), TYPE))).toBe('payload-too-large')
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
      const request = post(body, { 'content-length': '10' })
      expect(await codeOf(readText(request, TYPE, { limit: 5000 }))).toBe('payload-too-large')
      expect(sent).toBe(6000)
      expect(cancel).toHaveBeenCalledOnce()
    })

    it('takes a body of exactly the limit, and not one byte more', async () => {
      expect(await read('12345678', { limit: 8 })).toBe('12345678')
      expect(await codeOf(read('123456789', { limit: 8 }))).toBe('payload-too-large')
    })

    it('counts bytes, not characters', async () => {
      expect(await read('éé', { limit: 4 })).toBe('éé')
      expect(await codeOf(read('éé', { limit: 3 }))).toBe('payload-too-large')
    })

    it('is 1 MiB unless told otherwise', async () => {
      expect(await read('x'.repeat(1_048_576))).toHaveLength(1_048_576)
      expect(await codeOf(read('x'.repeat(1_048_577)))).toBe('payload-too-large')
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
      const reading = codeOf(read(body)).then((result) => {
        code = result
      })
      await vi.advanceTimersByTimeAsync(9_999)
      expect(code).toBeUndefined()
      await vi.advanceTimersByTimeAsync(1)
      await reading
      expect(code).toBe('request-timeout')
      expect(cancel).toHaveBeenCalledOnce()
    })

    it('says so too where the read that is cancelled rejects, as on Workers', async () => {
      const { promise, reject } = Promise.withResolvers<never>()
      const cancel = async (): Promise<void> => reject(new Error('cancelled'))
      const body = { getReader: () => ({ read: () => promise, cancel }) }
      const request = { headers: new Headers({ 'content-type': TYPE }), body } as unknown as Request
      const reading = codeOf(readText(request, TYPE))
      await vi.advanceTimersByTimeAsync(10_000)
      expect(await reading).toBe('request-timeout')
    })

    it('can be set', async () => {
      const reading = codeOf(read(dripping().body, { timeout: 50 }))
      await vi.advanceTimersByTimeAsync(50)
      expect(await reading).toBe('request-timeout')
    })

    it('leaves no timer behind', async () => {
      await read('1')
      expect(vi.getTimerCount()).toBe(0)
      await codeOf(read('long', { limit: 2 }))
      expect(vi.getTimerCount()).toBe(0)
    })
  })

  it.each([
    ['a byte that never occurs', [0x22, 0xff, 0x22]],
    ['a character cut off', [0x22, 0xf0, 0x9f, 0x98, 0x22]],
    ['a surrogate in UTF-8', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a slash in two bytes', [0x22, 0xc0, 0xaf, 0x22]],
    ['a character cut off at the end', [0x61, 0xe2, 0x82]],
  ])('refuses %s, which is not UTF-8', async (_, bytes) => {
    expect(await codeOf(read(Uint8Array.from(bytes)))).toBe('invalid-utf8')
  })
})
