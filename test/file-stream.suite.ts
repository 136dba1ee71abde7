/** What a file over HTTP promises, on whatever runtime runs this: `file-stream.test.ts` is Node, `workerd/` is workerd. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type FileStreamOptions, fileStream } from '../src/file-stream.ts'
import { MadeFile } from './files/made-file.ts'
import { UNCOMPRESSED } from './runtime.ts'

const MODIFIED = 'Sun, 01 Mar 2026 10:00:00 GMT'
const BEFORE = 'Sun, 01 Mar 2026 09:59:59 GMT'
const AFTER = 'Sun, 01 Mar 2026 10:00:01 GMT'

const ask = (headers: Record<string, string>, file = new MadeFile(1_000), method = 'GET'): Promise<Response> =>
  fileStream(new Request('http://localhost/x', { headers, method }), file)
const named = (options: FileStreamOptions): Promise<string | null> =>
  fileStream(new Request('http://localhost/x'), new MadeFile(1), options).then(async (response) => {
    await response.body?.cancel()
    return response.headers.get('content-disposition')
  })
const bytesOf = async (response: Response): Promise<Uint8Array> => new Uint8Array(await response.arrayBuffer())
const statusOf = async (headers: Record<string, string>, method?: string): Promise<number> => {
  const response = await ask(headers, new MadeFile(1_000), method)
  await response.body?.cancel()
  return response.status
}

/** Registers the tests. */
export function fileStreamSuite(): void {
  afterEach(() => void vi.restoreAllMocks())

  describe('fileStream', () => {
    it('sends the whole file, with its length, type, tag and time', async () => {
      const file = new MadeFile(200_000)
      const response = await ask({}, file)
      expect([response.status, Object.fromEntries(response.headers)]).toEqual([
        200,
        {
          'accept-ranges': 'bytes',
          'cache-control': 'no-cache, no-transform',
          'content-disposition': 'attachment',
          ...UNCOMPRESSED,
          'content-length': '200000',
          'content-type': 'text/x-test',
          etag: '"one"',
          'last-modified': MODIFIED,
          'x-accel-buffering': 'no',
          'x-content-type-options': 'nosniff',
        },
      ])
      expect(await bytesOf(response)).toEqual(file.bytes)
      expect(file.streams.size).toBe(0)
    })

    it('sends an empty file', async () => {
      const response = await ask({}, new MadeFile(0))
      expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, '0', ''])
    })

    it('says to HEAD what it would say to GET, and opens nothing', async () => {
      const file = new MadeFile(1_000)
      const response = await ask({ range: 'bytes=0-9' }, file, 'HEAD') // A range is for GET alone.
      expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([
        200,
        '1000',
        '',
      ])
      expect(file.read).toBe(0)
    })

    it('sends no time that is yet to come', async () => {
      vi.spyOn(Date, 'now').mockReturnValue(0)
      const response = await ask({})
      expect(response.headers.has('last-modified')).toBe(false)
      await response.body?.cancel()
    })

    describe('range', () => {
      it.each([
        ['bytes=0-0', 0, 1],
        ['bytes=0-', 0, 1_000],
        ['bytes=10-19', 10, 10],
        ['BYTES=10-19', 10, 10],
        ['bytes= 10-19 ', 10, 10],
        ['bytes=999-', 999, 1],
        ['bytes=990-5000', 990, 10],
        ['bytes=0-99999999999999999999', 0, 1_000],
        ['bytes=-1', 999, 1],
        ['bytes=-5000', 0, 1_000],
      ])('%s is 206 and that part', async (range, offset, length) => {
        const file = new MadeFile(1_000)
        const response = await ask({ range }, file)
        expect([
          response.status,
          response.headers.get('content-range'),
          response.headers.get('content-length'),
        ]).toEqual([206, `bytes ${offset}-${offset + length - 1}/1000`, String(length)])
        expect(await bytesOf(response)).toEqual(file.bytes.subarray(offset, offset + length))
      })

      it.each([
        'bytes=1000-',
        'bytes=1000-1001',
        'bytes=99999999999-',
        'bytes=99999999999999999999999-',
        'bytes=-0',
        `bytes=${Array.from({ length: 1_000 }, (_, n) => `${n}-${n}`)}`,
        `bytes=${Array.from({ length: 11 }, (_, n) => `${n}-${n}`)}`,
      ])('%s is 416 with the size', async (range) => {
        const file = new MadeFile(1_000)
        const response = await ask({ range }, file)
        expect([response.status, response.headers.get('content-range')]).toEqual([416, 'bytes */1000'])
        expect(((await response.json()) as { type: string }).type).toBe('/problems/range-not-satisfiable')
        expect(file.read).toBe(0)
      })

      it.each([
        ...[
          '',
          'bytes',
          'bytes=',
          'bytes=-',
          'bytes=a-b',
          'bytes=1',
          'bytes=5-4',
          'bytes=-1-2',
          'bytes=1-2-3',
          'bytes=1.5-2',
        ],
        ...[
          'bytes 0-1',
          'bytes:0-1',
          'lines=0-1',
          'items=1-2',
          'none',
          'bytes=0-1,5-6',
          'bytes=0-1,',
          'bytes=,',
          'bytes=+1-2',
        ],
      ])('%j is ignored: 200 and the whole', async (range) => {
        const file = new MadeFile(1_000)
        const response = await ask({ range }, file)
        expect([response.status, response.headers.get('content-range')]).toEqual([200, null])
        expect(await bytesOf(response)).toEqual(file.bytes)
      })

      it('of nothing is 416 where it names a byte, and the empty whole where it asks for the last ones', async () => {
        expect((await ask({ range: 'bytes=0-' }, new MadeFile(0))).status).toBe(416)
        expect((await ask({ range: 'bytes=-5' }, new MadeFile(0))).status).toBe(200)
      })

      it.each([
        [206, '"one"'],
        [206, MODIFIED],
        [200, 'W/"one"'],
        [200, '"two"'],
        [200, 'one'],
        [200, '"one", "two"'],
        [200, '*'],
        [200, BEFORE],
        [200, AFTER],
        [200, 'nonsense'],
        [200, ''],
      ])('is %i with If-Range: %s', async (status, value) => {
        expect(await statusOf({ range: 'bytes=10-19', 'if-range': value })).toBe(status)
      })
    })

    describe('preconditions', () => {
      it.each([['"one"'], ['W/"one"'], ['*'], [' * '], ['"two", "one"'], ['"a,b" , W/"one"'], ['"two","one","three"']])(
        'If-None-Match: %s is 304, with the tag and without a length',
        async (value) => {
          for (const method of ['GET', 'HEAD']) {
            const file = new MadeFile(1_000)
            const response = await ask({ 'if-none-match': value, range: 'bytes=0-1' }, file, method)
            expect([response.status, response.headers.get('etag'), response.headers.get('content-length')]).toEqual([
              304,
              '"one"',
              null,
            ])
            expect(file.read).toBe(0)
          }
        },
      )

      it.each([
        [200, { 'if-none-match': '"two"' }],
        [200, { 'if-none-match': '"ONE"' }],
        [200, { 'if-none-match': 'one' }],
        [200, { 'if-none-match': '"two,"one", "' }], // Not a tag of its own there.
        [200, { 'if-none-match': '' }],
        [304, { 'if-modified-since': MODIFIED }],
        [304, { 'if-modified-since': AFTER }],
        [200, { 'if-modified-since': BEFORE }],
        [200, { 'if-modified-since': 'nonsense' }],
        // The tag decides where there is one.
        [200, { 'if-none-match': '"two"', 'if-modified-since': AFTER }],
        [200, { 'if-match': '"two", "one"' }],
        [200, { 'if-match': '*' }],
        [412, { 'if-match': '"two"' }],
        [412, { 'if-match': 'W/"one"' }],
        [412, { 'if-unmodified-since': BEFORE }],
        [200, { 'if-unmodified-since': MODIFIED }],
        [200, { 'if-unmodified-since': 'nonsense' }],
        [200, { 'if-match': '"one"', 'if-unmodified-since': BEFORE }],
        [412, { 'if-match': '"two"', 'if-none-match': '"one"' }],
        [304, { 'if-match': '"one"', 'if-none-match': '"one"' }],
      ] as [number, Record<string, string>][])('is %i with %o', async (status, headers) => {
        expect(await statusOf(headers)).toBe(status)
        expect(await statusOf(headers, 'HEAD')).toBe(status)
      })
    })

    describe('disposition', () => {
      it.each([
        ['report.csv', 'attachment; filename="report.csv"'],
        ['größe 100%.txt', `attachment; filename="gr__e 100_.txt"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20100%25.txt`],
        ['a"b', `attachment; filename="a_b"; filename*=UTF-8''a%22b`],
        ['x\r\nset-cookie: a=b', 'attachment; filename="x__set-cookie: a=b"'],
        ['a\0b\x7fc\td', 'attachment; filename="a_b_c_d"'],
        ['../../etc/passwd', 'attachment; filename=".._.._etc_passwd"'],
        ['a\\b', 'attachment; filename="a_b"'],
        ['gpj.\u202eexe', 'attachment; filename="gpj._exe"'],
        ["it's (1)*.txt", 'attachment; filename="it\'s (1)*.txt"'],
        ["ü's (1)*", `attachment; filename="_'s (1)*"; filename*=UTF-8''%C3%BC%27s%20%281%29%2A`],
        ['\ud800', `attachment; filename="_"; filename*=UTF-8''%EF%BF%BD`],
        ['👩‍👧', `attachment; filename="___"; filename*=UTF-8''%F0%9F%91%A9%E2%80%8D%F0%9F%91%A7`],
        ['', 'attachment'],
      ])('calls %j by its name and nothing else', async (name, value) => {
        expect(await named({ name })).toBe(value)
      })

      it('shows a file where it is told to', async () => {
        expect(await named({ name: 'a.txt', disposition: 'inline' })).toBe('inline; filename="a.txt"')
      })
    })

    describe('body', () => {
      it('is read no further than its reader has room for', async () => {
        const file = new MadeFile(2_000_000)
        const response = await fileStream(new Request('http://localhost/x'), file, { budget: 30_000 })
        const reader = response.body?.getReader()
        await reader?.read()
        await new Promise((resolve) => setTimeout(resolve, 50))
        expect(file.read).toBeLessThanOrEqual(150_000)
        await reader?.cancel()
        await expect.poll(() => file.streams.size).toBe(0)
      })

      it('is let go when its reader leaves, also while the store is silent', async () => {
        const file = new MadeFile(1_000_000, { at: 20_000, how: 'is silent' })
        const reader = (await ask({}, file)).body?.getReader()
        await reader?.read()
        await expect.poll(() => file.silent).toBe(true)
        expect(file.streams.size).toBe(1)
        await reader?.cancel()
        await expect.poll(() => file.streams.size).toBe(0)
      })

      it.each(['fails', 'ends', 'goes on'] as const)('is broken off where the store %s', async (how) => {
        const onError = vi.fn()
        const file = new MadeFile(500_000, { at: 300_000, how })
        const response = await fileStream(new Request('http://localhost/x'), file, { onError })
        await expect(response.arrayBuffer()).rejects.toThrow()
        expect(onError).toHaveBeenCalledOnce()
        await expect.poll(() => file.streams.size).toBe(0)
      })

      it('is a problem where the store fails before the first byte', async () => {
        vi.spyOn(console, 'error').mockImplementation(() => {})
        const response = await ask({}, new MadeFile(1_000, { at: 0, how: 'fails' }))
        const text = await response.text()
        expect([response.status, text.includes('secret')]).toEqual([500, false])
        const short = await ask({}, new MadeFile(1_000, { at: 0, how: 'ends' }))
        expect([short.status, ((await short.json()) as { type: string }).type]).toEqual([503, '/problems/file-changed'])
      })
    })
  })
}
