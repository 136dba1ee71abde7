/** `edge-sse check` as it is called: what it prints, what it sends, and the code it ends with. */
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { run } from '../../bin/run.ts'
import { GOOD_HEAD, says, saysAll, serve, serveBytes, tick, ticker } from './scripted.ts'

interface Ran {
  code: number
  stdout: string
  stderr: string
}

async function check(args: string[], { signal = AbortSignal.timeout(15_000), isTTY = false } = {}): Promise<Ran> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), Object.assign(new PassThrough(), { isTTY })]
  const all = Promise.all([text(stdout), text(stderr)])
  const code = await run(['check', ...args], {
    stdin,
    stdout,
    stderr,
    env: { NO_COLOR: '1', EDGE_SSE_TOKEN: 'of-the-environment' },
    signal,
  })
  stdout.end()
  stderr.end()
  const [out, err] = await all
  return { code, stdout: out, stderr: err }
}
/** A second: time for several ticks, also where others keep the machine busy. */
const quick = ['--for', '1s']

describe('the report', () => {
  it('says the worst first, what to do, what was not judged, and how much of each', async () => {
    const url = await serve(says('data: 1\n\n', { 'content-type': 'text/plain', 'x-accel-buffering': '' }))
    const { stdout, stderr, code } = await check([url, ...quick])
    expect(stdout).toMatch(
      /^http:\S+\n\nerror {4}content-type\n {2}The Content-Type is "text\/plain"\.\n {2}Why: .+\.\n {2}Do: {2}.+\.\n\nwarning {2}ids-absent\n/,
    )
    expect(stdout).toMatch(/\n\nnote {5}x-accel-buffering\n[\s\S]+\n\nnot judged\n {2}heartbeat: .+\n\n/)
    expect(stdout).toMatch(/\n1 error, 1 warning, 1 note, 1 not judged; 2 requests in [\d.]+ m?s\n$/)
    expect([code, stderr]).toEqual([4, ''])
  })

  it('ends with 0 where there are notes at most, and with 3 where there are warnings', async () => {
    expect((await check([await serve(ticker({ 'x-accel-buffering': '' })), ...quick])).code).toBe(0)
    expect((await check([await serve(ticker({ 'cache-control': 'public' })), ...quick])).code).toBe(3)
  })

  it('is JSON with --json', async () => {
    const url = await serve(ticker({ 'content-type': 'text/plain; ü' }))
    const { stdout, code } = await check([url, '--json', ...quick])
    expect(JSON.parse(stdout)).toEqual({
      url,
      findings: [
        {
          rule: 'content-type',
          severity: 'error',
          what: expect.stringContaining('text/plain'),
          why: expect.any(String),
          fix: expect.any(String),
        },
      ],
      unjudged: [expect.objectContaining({ rule: 'heartbeat', severity: 'not judged' })],
      requests: 5,
      milliseconds: expect.any(Number),
    })
    expect([code, stdout]).toEqual([4, expect.stringMatching(/^[\n\x20-\x7e]*$/)])
  })

  it('has nothing of a server in it that a terminal obeys', async () => {
    const evil = '\x1b[2J\x9b31m\u202e\u200b\x07'
    const body = `id: ${evil}\nevent: x data: ${evil}\ndata: a\n${evil}\nevent: y\nretry: ${evil}\n\n${evil}: 1\n\n`
    const head = { 'content-type': 'text/\x80plain\x9b', 'cache-control': '\x9b2J' }
    for (const server of [saysAll(body, head), saysAll(body)])
      for (const more of [[], ['--json']]) {
        const { stdout } = await check([await serve(server), ...quick, ...more])
        expect(stdout).toContain('forged-field')
        // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
        expect(stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e]/)
      }
    const malformed = await check([await serveBytes(`HTTP/1.1 200 ${evil}\r\n${evil}\r\n\r\n`), ...quick])
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    expect(malformed.stdout + malformed.stderr).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e]/)
  })

  it('is bounded, whatever a server sends', async () => {
    const { stdout } = await check([await serve(saysAll(`${'x'.repeat(200)}\n`.repeat(9_000))), ...quick])
    expect(stdout.length).toBeLessThan(4_000)
  })
})

describe('what it sends', () => {
  const asked: IncomingMessage[] = []
  const recording =
    (server: RequestListener): RequestListener =>
    (request, response) => {
      asked.push(request)
      server(request, response)
    }

  it('is what EventSource sends, with the headers it was told to send', async () => {
    asked.length = 0
    const url = await serve(
      recording(ticker()),
      recording((_, response) => response.writeHead(204).end()),
    )
    await check([url, ...quick, '--header', 'X-One: 1', '--header', 'Cookie: a=b', '--origin', 'https://mine.example'])
    expect(asked.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET', 'GET', 'OPTIONS'])
    expect(asked.map(({ headers }) => headers['accept-encoding'])).toEqual([
      'identity',
      'gzip, deflate, br',
      undefined,
      undefined,
      undefined,
    ])
    for (const { headers, method } of asked) {
      expect(headers.origin).toBe('https://mine.example')
      // It may be a stranger's server.
      expect(headers.authorization).toBeUndefined()
      // Browsers send no header of a page's own with a preflight.
      const isGet = method === 'GET'
      expect([headers.accept, headers['x-one'], headers.cookie]).toEqual(
        isGet ? ['text/event-stream', '1', 'a=b'] : [undefined, undefined, undefined],
      )
    }
    expect(asked.at(-1)?.headers).toMatchObject({
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'last-event-id',
    })
  })

  it('is not what was meant for another origin, where a redirect leads there', async () => {
    asked.length = 0
    const there = `${await serve(recording(ticker()))}?room=a&access_token=secret#id_token=secret`
    const here = await serve(recording((_, response) => response.writeHead(307, { location: there }).end()))
    const { stdout } = await check([here, ...quick, '--header', 'authorization: Bearer secret'])
    expect(stdout).toContain('note     redirect')
    expect(stdout.startsWith(`${there.replaceAll('secret', '…')}\n`)).toBe(true)
    expect(stdout).not.toContain('secret')
    expect(asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer secret', ...Array(4).fill(undefined)])
  })

  it('is not without end, where redirects are', async () => {
    asked.length = 0
    const url = await serve(recording((_, response) => response.writeHead(302, { location: '/' }).end()))
    const { code, stdout } = await check([url, ...quick])
    expect([code, asked.length]).toEqual([4, 5])
    expect(stdout).toContain('The status is 302')
  })
})

describe('what it cannot examine', () => {
  it('is a server that is not there', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    await new Promise((resolve) => server.close(resolve))
    const { code, stdout, stderr } = await check([`http://127.0.0.1:${port}/`, ...quick])
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: '',
      stderr: `Cannot check: connect ECONNREFUSED 127.0.0.1:${port}\n`,
    })
  })

  it('is one without TLS that is asked for it', async () => {
    const url = await serve((_, response) => response.end())
    const { code, stderr } = await check([url.replace('http:', 'https:'), ...quick])
    expect([code, stderr]).toEqual([1, 'Cannot check: its server does not speak TLS: try http://\n'])
  })

  it('is one that says nothing, or no HTTP: an error of the server', async () => {
    const silent = await check([await serve(() => {}), '--timeout', '100ms'])
    expect([silent.code, silent.stdout]).toEqual([4, expect.stringContaining('There was no head within 100 ms')])
    const other = await check([await serveBytes('SSH-2.0-OpenSSH\r\n')])
    expect([other.code, other.stdout]).toEqual([4, expect.stringContaining('The answer is no HTTP')])
    const upgraded = await check([await serveBytes('HTTP/1.1 101 Up\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n')])
    expect(upgraded.code).toBe(4)
    expect(upgraded.stdout).toContain('"101 Up, which was not asked for"')
  })

  it.each([
    ['data: ', 'is longer than it reads'],
    ['\ufeffdata: ', 'is longer than it reads, behind a byte order mark'],
  ])('is not a stream whose first line %j %s', async (begin) => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
      response.write(begin + 'x'.repeat(3 * 1_048_576))
    })
    const { code, stdout } = await check([url, ...quick])
    expect([code, stdout]).toEqual([3, expect.stringMatching(/A line has \d+ bytes or more/)])
    expect(stdout).not.toContain('no event stream')
  })

  it('is what is no event stream at all', async () => {
    const { stdout, code } = await check([
      await serve(saysAll('<h1>hi</h1>', { 'content-type': 'text/html' })),
      ...quick,
    ])
    expect([code, stdout]).toEqual([4, expect.stringContaining('The rest: what came is no event stream')])
    expect(stdout).toContain('1 error, 0 warnings')
    expect(stdout).toContain('Do:  Check the URL: this is a page, and its stream has a URL of its own.')
  })

  it.each([
    [404, 'Check the URL.'],
    [
      405,
      'Check the URL: what EventSource reads, it asks for with GET. A stream that has to be posted is not examined.',
    ],
    [401, 'Say who you are: `--header "authorization: Bearer …"`.'],
  ])('is what is answered with %d', async (status, todo) => {
    const { stdout, code } = await check([await serve((_, response) => response.writeHead(status).end()), ...quick])
    expect([code, stdout]).toEqual([4, expect.stringContaining(`Do:  ${todo}\n`)])
  })
})

it('reads no more of a flood than 2 MiB', async () => {
  let sent = 0
  const url = await serve((_, response) => {
    response.writeHead(200, GOOD_HEAD)
    const more = (): void => {
      while (!response.closed && response.write(`data: ${'x'.repeat(10_000)}\n\n`)) sent++
    }
    response.on('drain', more)
    more()
  })
  const { stdout } = await check([url, '--for', '10s'])
  expect(stdout).toContain('ids-absent')
  // Each of two streams, and what the kernel holds of them.
  expect(sent * 10_000).toBeLessThan(40 * 1_048_576)
})

it('says on a terminal what it does now, on stderr', async () => {
  const { stderr } = await check([await serve(ticker()), ...quick], { isTTY: true })
  expect(stderr.split('\n')).toEqual([
    'edge-sse check watches it for 1 s …',
    'edge-sse check comes back with an id …',
    'edge-sse check comes back with an id that there never was …',
    'edge-sse check asks as a browser does for a page of another site …',
    '',
  ])
})

it('stops at once when it is told to, and prints nothing', async () => {
  const stop = new AbortController()
  const url = await serve((request, response) => {
    says(tick(1))(request, response)
    // Both streams are open.
    if (request.headers['accept-encoding'] !== 'identity') stop.abort()
  })
  const { stdout, stderr } = await check([url, '--for', '1m'], { signal: stop.signal })
  expect([stdout, stderr]).toEqual(['', ''])
})

it('refuses what it cannot do, with 2', async () => {
  for (const [args, message] of [
    [[], 'the URL is missing'],
    [['http://a.example', 'http://b.example'], 'it takes one URL'],
    [['ftp://a.example'], 'ftp://a.example is no http:// or https:// URL'],
    [['http://me:secret@a.example'], 'the URL holds a name or a password'],
    [['http://a.example', '--for', '20'], '--for 20 is no time like'],
    [['http://a.example', '--for', '2h'], '--for is more than 0s and at most 1h'],
    [['http://a.example', '--timeout', '0s'], '--timeout is more than 0s and at most 1h'],
    [['http://a.example', '--origin', 'https://a.example/'], 'https://a.example/ is no origin'],
    [['http://a.example', '--header', 'Accept: */*'], '--header accept is what it says itself'],
    [['http://a.example', '--header', 'no colon'], 'a --header is not NAME: VALUE'],
    [['http://a.example', '--header', 'a: b\r\nc: d'], '--header a has a value that is none'],
  ] as const) {
    const { code, stdout, stderr } = await check([...args])
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(message)])
  }
})
