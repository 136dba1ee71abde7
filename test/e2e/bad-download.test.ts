/** What a stranger may ask of files, and the answer it gets: rows 50 to 53 of the corpus of bad input, over bare sockets. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { request } from './raw-socket.ts'
import { as, CANARY } from './refusal.ts'
import { RefusingServer } from './refusing-server.ts'

const FILE = '/download/primes.csv'
const SIZE = 237_884

/** Sent as they stand here: no client tidies them up. `/download/..` is not here: that is how one writes `/`. */
const absent = [
  ...[
    '../../etc/passwd',
    '../../../../../../etc/passwd',
    '../../../package.json',
    '.',
    './../x',
    'x/../../../etc/passwd',
  ],
  ...['..%2f..%2fetc%2fpasswd', '..%2F..%2Fpackage.json', '%2e%2e%2f%2e%2e%2fetc%2fpasswd', '%2E%2E/%2E%2E/etc/passwd'],
  ...['%252e%252e', '%252e%252e%252f%252e%252e%252fetc%252fpasswd', '..%252f..%252fetc%252fpasswd', '%25252e%25252e'],
  ...[
    '..\\..\\etc\\passwd',
    '..%5c..%5cetc%5cpasswd',
    '..%5C',
    '%5c%5cserver%5cshare',
    'C:%5cwindows%5cwin.ini',
    'C:/windows/win.ini',
  ],
  ...[
    'file:',
    'file:///etc/passwd',
    'file:%2f%2f%2fetc%2fpasswd',
    'file:primes.csv',
    '/etc/passwd',
    '%2fetc%2fpasswd',
    '//etc/passwd',
  ],
  ...[
    '%00',
    'primes.csv%00',
    'primes.csv%00.txt',
    '%00primes.csv',
    'primes.csv%0a',
    'primes.csv%0d%0aset-cookie:%20a=b',
  ],
  ...[
    '%c0%ae%c0%ae%c0%afetc%c0%afpasswd',
    '%ff',
    '%zz',
    '%',
    '%u002e%u002e',
    '..;',
    '..%3b/',
    'primes.csv;.txt',
    '~',
    '~root',
  ],
  ...['', 'primes.csv%2f', 'primes.csv/x', 'primes.csv%2f..%2fprimes.csv', '%2e/primes.csv%2f', 'PRIMES.CSV%20'],
  ...['.env', '%2eenv', '.git/config', '.git%2fconfig', '.env%00.csv', 'x'.repeat(4_000)],
]

describe('bad requests for files', () => {
  let server: RefusingServer
  beforeAll(async () => {
    server = await RefusingServer.launch()
  })
  afterAll(() => server.close())

  it.each(absent)('rows 50 and 51: /download/%s is not there', async (name) => {
    const target = `/download/${name}`
    const path = new URL(`http://localhost${target}`).pathname.slice(0, 200)
    for (const method of ['GET', 'HEAD']) await server.refuse(request(method, target), as(404, 'not-found'), path)
    await server.refuse(
      request('GET', target, { Range: 'bytes=0-9', 'If-None-Match': '*' }),
      as(404, 'not-found'),
      path,
    )
  })

  it.each([
    ['52', 'a thousand ranges', `bytes=${Array.from({ length: 1_000 }, (_, n) => `${2 * n}-${2 * n}`)}`],
    ['52', 'a thousand times the whole', `bytes=${Array(1_000).fill('0-')}`],
    ['53', 'a range behind the end', 'bytes=99999999999-'],
    ['53', 'a range far behind the end', `bytes=${'9'.repeat(400)}-`],
    ['53', 'the last none', 'bytes=-0'],
  ])('row %s: %s is 416 with the size', async (_row, _input, range) => {
    const refusal = as(416, 'range-not-satisfiable')
    const { headers } = await server.refuse(request('GET', FILE, { Range: range }), refusal, FILE)
    expect(headers.get('content-range')).toBe(`bytes */${SIZE}`)
  })

  it.each([
    ...[
      'lines=0-1',
      `${CANARY}=0-1`,
      'bytes',
      'bytes=',
      'bytes=a-b',
      'bytes=9-1',
      'bytes=--1',
      'bytes=0x1-0x2',
      'none',
      '',
      '=',
    ],
    ...['bytes=0-0,5-5', 'bytes 0-1', `bytes=${'x'.repeat(8_000)}`],
  ])('row 53: Range: %s is ignored', async (range) => {
    const response = await server.send(request('GET', FILE, { Range: range }))
    expect([response.status, response.headers.get('content-range'), response.body.byteLength]).toEqual([
      200,
      null,
      SIZE,
    ])
  })

  it('rows 52 and 53: nothing of it is asked of HEAD, and validators that are none hold for nothing', async () => {
    const head = await server.send(request('HEAD', FILE, { Range: 'bytes=99999999999-' }))
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(SIZE)])
    for (const [name, value] of [
      ['If-None-Match', `"${CANARY}`],
      ['If-None-Match', '"'.repeat(4_000)],
      ['If-Range', `W/"${CANARY}"`],
      ['If-Modified-Since', CANARY],
      ['If-Unmodified-Since', '9999999999999999999'],
    ] as const)
      expect((await server.send(request('GET', FILE, { [name]: value, Range: 'bytes=0-1' }))).status, name).toBe(
        name === 'If-Range' ? 200 : 206,
      )
    await server.refuse(request('GET', FILE, { 'If-Match': `"${CANARY}"` }), as(412, 'precondition-failed'), FILE)
  })

  it('nobody beside it notices, and the log has one line for each refusal', async () => {
    await server.expectNobodyNoticed()
    server.expectOneLineEach()
  })
})
