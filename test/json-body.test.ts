import { describe, expect, it, vi } from 'vitest'
import { SseError, type SseErrorCode } from '../src/errors.ts'
import { readJson, readNdjson } from '../src/json-body.ts'

const JSON_TYPE = 'application/json'
const NDJSON_TYPE = 'application/x-ndjson'

const post = (type: string, body: string | Uint8Array<ArrayBuffer>): Request =>
  new Request('http://localhost/', { method: 'POST', body, headers: { 'content-type': type } })
const errorOf = async (reading: Promise<unknown>): Promise<SseError> => {
  const error = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(SseError)
  return error as SseError
}
const codeOf = async (reading: Promise<unknown>): Promise<SseErrorCode> => (await errorOf(reading)).code

describe('readJson', () => {
  const read = (body: string | Uint8Array<ArrayBuffer>): Promise<unknown> => readJson(post(JSON_TYPE, body))

  it('reads JSON, its numbers as they were written', async () => {
    expect(await read('{"event":"chat","data":[true,null,"é"]}')).toEqual({ event: 'chat', data: [true, null, 'é'] })
    expect(JSON.stringify(await read('{"a":1.0}'))).toBe('{"a":1.0}')
  })

  it('refuses another media type', async () => {
    expect(await codeOf(readJson(post(NDJSON_TYPE, '1')))).toBe('unsupported-media-type')
  })

  it('refuses what is not UTF-8, and what is not JSON', async () => {
    expect(await codeOf(read(Uint8Array.of(0x22, 0xff, 0x22)))).toBe('invalid-utf8')
    expect(await codeOf(read('{"a":1}\n{"a":2}'))).toBe('invalid-json')
  })

  it('has the limits it is given', async () => {
    expect(await codeOf(readJson(post(JSON_TYPE, '"1234567"'), { limit: 8 }))).toBe('payload-too-large')
  })
})

describe('readNdjson', () => {
  const read = (
    body: string | Uint8Array<ArrayBuffer>,
    options?: Parameters<typeof readNdjson>[2],
  ): Promise<unknown[]> => readNdjson(post(NDJSON_TYPE, body), (value) => value, options)

  it('reads one value a line, as it is converted', async () => {
    const converted = await readNdjson(
      post(NDJSON_TYPE, '{"n":1}\n{"n":2}\n'),
      (value) => (value as { n: number }).n * 2,
    )
    expect(converted).toEqual([2, 4])
  })

  it.each(['1\n2', '1\n2\n', '1\r\n2\r\n', '1\r\n2', ' 1\t\n 2 ', '\ufeff1\n2'])(
    'reads %j as two values',
    async (body) => {
      expect(await read(body)).toEqual([1, 2])
    },
  )

  it('takes for a line end nothing but a line feed', async () => {
    const text = 'a\\nb\u2028\u2029\x85'
    expect(await read(`"${text}"\n1`)).toEqual(['a\nb\u2028\u2029\x85', 1])
    expect(await codeOf(read('1\r2'))).toBe('invalid-json')
  })

  it('keeps numbers as they were written', async () => {
    expect((await read('1.0\n-0\n[1e400]')).map((value) => JSON.stringify(value))).toEqual(['1.0', '-0', '[1e400]'])
  })

  it.each([
    ['', 1],
    ['\n', 1],
    ['\n1', 1],
    ['1\n\n', 2],
    ['1\n\n2', 2],
    ['1\n\r\n2', 2],
    ['1\n2\n{', 3],
    [`1\n2\n${'['.repeat(65)}${']'.repeat(65)}`, 3],
    ['1\n2\n3 4\n5', 3],
  ])('refuses %j and names line %i', async (body, line) => {
    const error = await errorOf(read(body))
    expect({ code: error.code, message: error.message }).toEqual({
      code: 'invalid-json',
      message: expect.stringMatching(new RegExp(`^Cannot read body: .* \\(line ${line}\\)$`)),
    })
  })

  it('names the line of a lone surrogate', async () => {
    expect(await errorOf(read('1\n"\\ud800"'))).toMatchObject({
      code: 'invalid-utf8',
      message: expect.stringContaining('(line 2)'),
    })
  })

  it('refuses what is not UTF-8, wherever it is', async () => {
    expect(await codeOf(read(Uint8Array.of(0x31, 0x0a, 0xff)))).toBe('invalid-utf8')
  })

  it('names the line of what `convert` refuses, keeps its code and field, and converts no more', async () => {
    const convert = vi.fn((value: unknown) => {
      if (value === 2) throw new SseError('invalid-message', 'Cannot publish: it is two', { field: 'data' })
      return value
    })
    const error = await errorOf(readNdjson(post(NDJSON_TYPE, '1\n2\n3'), convert))
    expect(error).toMatchObject({
      code: 'invalid-message',
      message: 'Cannot publish: it is two (line 2)',
      field: 'data',
    })
    expect(convert).toHaveBeenCalledTimes(2)
  })

  it('leaves what else `convert` throws as it is', async () => {
    const mistake = new TypeError('a mistake')
    const reading = readNdjson(post(NDJSON_TYPE, '1'), () => {
      throw mistake
    })
    await expect(reading).rejects.toBe(mistake)
  })

  it('takes 1,000 lines and refuses more before it parses one', async () => {
    const lines = (count: number): string => '1\n'.repeat(count)
    expect(await read(lines(1_000))).toHaveLength(1_000)
    const parse = vi.spyOn(JSON, 'parse')
    expect(await codeOf(read(lines(1_001)))).toBe('payload-too-large')
    expect(await codeOf(read('\n'.repeat(1_000_000)))).toBe('payload-too-large')
    expect(parse).not.toHaveBeenCalled()
    parse.mockRestore()
  })

  it('has the limits it is given', async () => {
    expect(await read('1\n2\n', { lines: 2 })).toEqual([1, 2])
    expect(await codeOf(read('1\n2\n3', { lines: 2 }))).toBe('payload-too-large')
    expect(await codeOf(read('1\n2\n3', { limit: 4 }))).toBe('payload-too-large')
  })

  it('refuses another media type', async () => {
    expect(await codeOf(readNdjson(post(JSON_TYPE, '1'), (value) => value))).toBe('unsupported-media-type')
  })
})
