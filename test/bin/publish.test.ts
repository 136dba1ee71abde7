import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { edgeSse, start } from './edge-sse.ts'
import { type Answer, published, scriptedServer } from './scripted-server.ts'
import { atTerminal } from './terminal.ts'

const lines = (count: number, first = 1): string =>
  Array.from({ length: count }, (_, index) => `${first + index}\n`).join('')

const problem = (status: number, detail: string, { help, ...headers }: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/problem+json', ...headers },
  body: { type: '/problems/x', title: 'Title', status, detail, help },
})

describe('publish', () => {
  it('publishes each word as it stands, line breaks included', async () => {
    const server = await scriptedServer((asked) => published(asked))
    const { code, out, err } = await edgeSse(['publish', server.url, 'hello', 'two\nlines', '--event', 'chat'])
    expect([code, out]).toEqual([0, ''])
    expect(err).toMatch(/^2 events published in [\d.]+ s\n$/)
    expect(server.asked.map(({ method, body }) => [method, body])).toEqual([
      ['POST', '{"event":"chat","data":"hello"}\n{"event":"chat","data":"two\\nlines"}'],
    ])
    expect(server.asked[0]?.headers).toMatchObject({
      'content-type': 'application/x-ndjson',
      'idempotency-key': expect.stringMatching(/^[\da-f-]{36}-1$/),
    })
  })

  it('publishes one alone as JSON', async () => {
    const server = await scriptedServer((asked) => published(asked))
    await edgeSse(['publish', server.url, 'hello'])
    expect(server.asked).toMatchObject([{ body: '{"data":"hello"}', headers: { 'content-type': 'application/json' } }])
  })

  it('publishes lines of stdin, a thousand at a time, in order and each batch under a key of its own', async () => {
    const server = await scriptedServer((asked) => published(asked))
    const { code, err } = await edgeSse(['publish', server.url], { input: `\ufeff${lines(2_500)}\n ä \r\nlast` })
    expect([code, err]).toEqual([0, expect.stringMatching(/^2,503 events published/)])
    const sent = server.asked.map(({ body }) => body.split('\n').map((line) => JSON.parse(line).data))
    expect(Math.max(...sent.map((batch) => batch.length))).toBe(1_000)
    expect(sent.flat()).toEqual([...lines(2_500).trim().split('\n'), '', ' ä ', 'last'])
    expect(new Set(server.asked.map(({ headers }) => headers['idempotency-key'])).size).toBe(server.asked.length)
  })

  it('sends no more than a MiB at once, encoded as the room counts it', async () => {
    const server = await scriptedServer((asked) => published(asked))
    const wide = `${JSON.stringify({ data: '\n'.repeat(20_000) })}\n`.repeat(20)
    await edgeSse(['publish', server.url, '--ndjson'], { input: wide })
    const sizes = server.asked.map(({ body }) => body.split('\n').length)
    // A line break is `\ndata: ` on the wire, which makes 140 KB of each.
    expect(sizes).toEqual([7, 7, 6])
  })

  it('sends what has come when the input pauses', async () => {
    const server = await scriptedServer((asked) => published(asked))
    const { child, ended } = start(['publish', server.url])
    child.stdin?.write('a\nb\nhal')
    await server.wasAsked(1)
    child.stdin?.end('f\n')
    expect((await ended).code).toBe(0)
    expect(server.asked.map(({ body }) => body)).toEqual(['{"data":"a"}\n{"data":"b"}', '{"data":"half"}'])
  })

  it('takes JSON as it was written, digits included, and leaves blank lines out', async () => {
    const server = await scriptedServer((asked) => published(asked))
    const input = '{ "n": 12345678901234567890 }\n\n 1.0\r\n"text"\n'
    await edgeSse(['publish', server.url, '--json', '--event', 'n'], { input })
    await edgeSse(['publish', server.url, '--ndjson'], { input: '{"event":"a","data":1.50}\n{"data":null}' })
    expect(server.asked.map(({ body }) => body)).toEqual([
      '{"event":"n","data":{ "n": 12345678901234567890 }}\n{"event":"n","data":1.0}\n{"event":"n","data":"text"}',
      '{"event":"a","data":1.50}\n{"data":null}',
    ])
  })

  it('reads a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'edge-sse-publish-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'lines.txt'), 'a\nb\n')
    const server = await scriptedServer((asked) => published(asked))
    expect((await edgeSse(['publish', server.url, '--file', 'lines.txt'], { cwd: folder })).code).toBe(0)
    expect(server.asked.map(({ body }) => body)).toEqual(['{"data":"a"}\n{"data":"b"}'])
    for (const file of ['none.txt', '.']) {
      const { code, err } = await edgeSse(['publish', server.url, '--file', file], { cwd: folder })
      expect([code, err]).toEqual([1, expect.stringMatching(/Cannot publish: (ENOENT|EISDIR)/)])
    }
  })

  it.each([
    ['a cut', 'cut'],
    ['503', problem(503, 'Cannot publish: away')],
    ['502 of a proxy', { status: 502, body: '<html>' }],
    ['408', problem(408, 'Cannot read body: too slow')],
    ['429', problem(429, 'Cannot publish: too much', { 'retry-after': '1' })],
  ] satisfies [string, Answer][])(
    'after %s sends the same bytes under the same key, until it is told that they are there',
    async (_, answer) => {
      const server = await scriptedServer((asked, index) => (index === 0 ? answer : published(asked, true)))
      const began = performance.now()
      const { code, err } = await edgeSse(['publish', server.url, 'a', 'b'])
      expect(code).toBe(0)
      expect(err).toMatch(
        /^Trying again in [\d.]+ s: .*\n2 events published in [\d.]+ s, 2 of them by an earlier attempt\n$/,
      )
      const [first, second, ...more] = server.asked
      expect(more).toEqual([])
      expect(second?.body).toBe(first?.body)
      expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key'])
      if (typeof answer !== 'string' && 'headers' in answer && answer.headers?.['retry-after'])
        expect(performance.now() - began).toBeGreaterThan(1_000)
    },
  )

  it('gives up on who never answers after --retry-for, and says what may be there', async () => {
    const server = await scriptedServer(() => 'cut')
    const { code, err } = await edgeSse(['publish', server.url, 'a', '--retry-for', '600ms'])
    expect(code).toBe(1)
    expect(err).toMatch(
      /\n0 events published in 0.\d s\. Then it failed:\nCannot publish line 1: no answer: .*, for 0.6 s\. Whether they are published is unknown\n$/,
    )
  })

  it.each(['1500ms', '10s'])('publishes within a --retry-for of %s as within a longer one', async (patience) => {
    const server = await scriptedServer((asked, index) => (index === 0 ? 'cut' : published(asked)))
    const { code, err } = await edgeSse(['publish', server.url, 'a', '--retry-for', patience])
    expect([code, err]).toEqual([0, expect.stringMatching(/\n1 event published in [\d.]+ s\n$/)])
  })

  it.each([
    [problem(501, 'Cannot start: it needs an object'), 'it needs an object', '1m'],
    [problem(503, 'Cannot publish: away', { 'retry-after': '3600' }), 'away. It asks to come back in 60 min 0 s', '1m'],
  ])('does not wait for what will not heal in time: %j', async (answer, state, patience) => {
    const server = await scriptedServer(() => answer)
    const { code, err } = await edgeSse(['publish', server.url, 'a', '--retry-for', patience])
    expect([code, err]).toEqual([1, expect.stringContaining(state)])
    expect(server.asked).toHaveLength(1)
  })

  it('does not follow where another address leads, which would have the token, nor take any answer for a yes', async () => {
    const server = await scriptedServer((_, index) =>
      index === 0
        ? { status: 307, headers: { location: 'http://a:b@127.0.0.1:1/\x9b?sig=abc' } }
        : { status: 200, body: '<html>' },
    )
    const led = await edgeSse(['publish', server.url, 'a'])
    expect([led.code, led.err]).toEqual([
      1,
      'Nothing is published\nCannot publish line 1: it answers 307, which leads to http://…@127.0.0.1:1/\\x9b?sig=…\n',
    ])
    const fooled = await edgeSse(['publish', server.url, 'a'])
    expect([fooled.code, fooled.err]).toEqual([1, expect.stringContaining('it answers 200, and not as a room does')])
  })

  it.each([
    ['a help', problem(403, 'Cannot publish: no', { help: 'Ask \x1b[2Jfor it.' }), 'no. Ask \\x1b[2Jfor it.\n'],
    ['too much', problem(403, 'Cannot publish: no.', { help: 'y'.repeat(9_000) }), `no. ${'y'.repeat(500)}…\n`],
    ['a line', problem(400, 'Cannot publish: `event` is bad (line 1)', { help: 'z' }), '`event` is bad (line 1). z\n'],
    ['what models say', { status: 403, body: { error: { message: 'No such key.' } } }, 'No such key.\n'],
    ['who asks', { status: 401, body: {} }, 'it answers 401. A token goes into EDGE_SSE_TOKEN, or --token\n'],
    ['no text', { status: 403, body: { detail: 1, title: 'No', help: {}, error: null } }, 'No\n'],
  ] satisfies [string, Answer, string][])('says what the server says is to be done: %s', async (_, answer, said) => {
    const server = await scriptedServer(() => answer)
    const { code, err } = await edgeSse(['publish', server.url, 'a'])
    expect([code, err]).toEqual([1, `Nothing is published\nCannot publish line 1: ${said}`])
  })

  it.each([
    [404, '/nothing', { status: 404, body: '<html>' }, 'it answers 404'],
    [405, '/rooms/lobby', problem(405, 'Cannot answer: not this', { help: 'See Allow.' }), 'not this. See Allow'],
  ] satisfies [number, string, Answer, string][])(
    'says what URL it wants, at a %d of %s',
    async (_, path, answer, said) => {
      const server = await scriptedServer(() => answer)
      const { err } = await edgeSse(['publish', new URL(path, server.url).href, 'a'])
      expect(err).toBe(
        `Nothing is published\nCannot publish line 1: ${said}. The URL of a room's events ends in /events, as in /rooms/lobby/events\n`,
      )
      expect((await edgeSse(['publish', server.url, 'a'])).err).not.toContain('The URL')
    },
  )

  it('names the line of the input that the server refuses, and says how many are published', async () => {
    const server = await scriptedServer((asked, index) =>
      index === 0 ? published(asked) : problem(400, 'Cannot publish: `event` \x1b[2Jis no good (line 3)'),
    )
    const { code, err } = await edgeSse(['publish', server.url, '--json'], { input: `${lines(1_000)}\n1\n2\n\n3\n4\n` })
    expect(code).toBe(1)
    expect(err).toMatch(/^1,000 events published in [\d.]+ s\. Then it failed:\n/)
    expect(err).toContain('Cannot publish lines 1002 to 1006: `event` \\x1b[2Jis no good (line 1005)\n')
    expect(server.asked).toHaveLength(2)
  })

  it.each([
    ['--json', '1\n{2\n', 'line 2: it is not JSON'],
    ['--ndjson', '{"data":1}\n\n{"event":"a"}\n', 'line 3: it is no {"event"?, "data"}'],
    ['--event=a', Buffer.from([0x61, 10, 0xff, 10]), 'line 2: it is not UTF-8'],
    ['--event=a', `a\n${'b'.repeat(1_100_000)}\n`, 'line 2: it is longer than 1 MiB'],
  ])('with %s publishes what is before a line that it cannot read, and names it', async (option, input, state) => {
    const server = await scriptedServer((asked) => published(asked))
    const { child, ended } = start(['publish', server.url, option])
    child.stdin?.end(input)
    const { code, err } = await ended
    expect([code, err]).toEqual([1, expect.stringContaining(`1 event published`)])
    expect(err).toContain(`Cannot publish ${state}\n`)
    expect(server.asked).toHaveLength(1)
  })

  it('sends headers, and the token of the environment unless there is another', async () => {
    const server = await scriptedServer((asked) => published(asked))
    const env = { EDGE_SSE_TOKEN: 'secret-of-env' }
    await edgeSse(['publish', server.url, 'a', '-H', 'X-One: 1: 2'], { env })
    await edgeSse(['publish', server.url, 'a', '--token', 'mine'], { env })
    expect(server.asked.map(({ headers }) => [headers.authorization, headers['x-one']])).toEqual([
      ['Bearer secret-of-env', '1: 2'],
      ['Bearer mine', undefined],
    ])
  })

  it.each([
    [[], 'the URL is missing'],
    [['localhost:8787/rooms/a/events'], 'localhost:8787/rooms/a/events is no http:// or https:// URL'],
    [['//ada:secret@localhost/?ticket=secret&a=1'], '//…@localhost/?ticket=…&a=1 is no http'],
    [['http://ada:pass@localhost/'], 'the URL holds a name or a password. Send them as a --header'],
    [['http://localhost/', '--json', '--ndjson'], '--json and --ndjson exclude each other'],
    [['http://localhost/', '--ndjson', '--event', 'a'], 'with --ndjson each line names its own event'],
    [['http://localhost/', 'a', '--file', 'b'], 'there are words and a --file'],
    [['http://localhost/', '--header', 'Bearer secret'], 'a --header is not NAME: VALUE'],
    [['http://localhost/', '--header', 'Bearer secret: a'], 'a --header is not NAME: VALUE'],
    [['http://localhost/', '--header', 'X-Key: secret\n'.repeat(2)], '--header x-key has a value that is none'],
    [['http://localhost/', '--token', 'secret\nsecret'], 'the token is no value of a header'],
    [['http://localhost/', '-H', 'a: secret', '-H', 'A: secret'], '--header a is there twice'],
    [['http://localhost/', '-H', 'Authorization: a', '--token', 'b'], '--token and --header authorization exclude'],
    [['http://localhost/', '-H', 'Idempotency-Key: a'], '--header idempotency-key is what it says itself'],
    [['http://localhost/', '--key', 'a b'], '--key is not 1 to 48 printable characters'],
  ])('refuses %j', async (words, state) => {
    const { code, out, err } = await edgeSse(['publish', ...words])
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(`Cannot publish: ${state}`)
    expect(err).not.toContain('secret')
  })

  it('leaves at once on Ctrl+C, with 130, and says what is published', async () => {
    const server = await scriptedServer((asked, index) => (index === 0 ? published(asked) : 'hang'))
    const { child, ended } = start(['publish', server.url])
    child.stdin?.write('a\n')
    await server.wasAsked(1)
    child.stdin?.write('b\n')
    await server.wasAsked(2)
    child.kill('SIGINT')
    const { code, out, err } = await ended
    expect([code, out]).toEqual([130, ''])
    expect(err).toMatch(/^1 event published in [\d.]+ s\. What was under way may be, too\n$/)
  })
})

describe('publish at a terminal', () => {
  it('takes lines as they are typed, until Ctrl+D, and says how far it is', async () => {
    const server = await scriptedServer((asked) => published(asked))
    const { seen, type, code, screen } = atTerminal(['publish', server.url])
    await seen('Each line is an event. Ctrl+D ends')
    type('hello\n')
    // On a line of its own: what is typed next stands on the one after it.
    await seen('1 published\x1b[22m\r\n')
    type('again\n')
    await seen('2 published\x1b[22m\r\n')
    type('\x04')
    expect(await code).toBe(0)
    expect(screen()).toMatch(/\r\n2 events published in [\d.]+ s\r\n$/)
    expect(screen()).not.toContain('\x1b[2K')
    expect(server.asked.map(({ body }) => body)).toEqual(['{"data":"hello"}', '{"data":"again"}'])
  })

  it.each(['cols 100', 'cols 0'])('says how far it is where others type, and writes over it: %s', async (size) => {
    const server = await scriptedServer((asked) => published(asked))
    const { seen, type, code, screen } = atTerminal(['publish', server.url], {}, `stty ${size}; cat |`)
    type('hello\n')
    await seen('\r\x1b[2K')
    await seen(/^1 event published in [\d.]+ s/)
    type('\x04')
    expect(await code).toBe(0)
    expect(screen().split('\r\x1b[2K').at(-1)).toMatch(/^1 event published in [\d.]+ s\r\n$/)
  })

  it('ends on Ctrl+C with 130', async () => {
    const server = await scriptedServer((asked) => published(asked))
    const { seen, type, code, screen } = atTerminal(['publish', server.url])
    await seen('Ctrl+D ends')
    type('\x03')
    expect(await code).toBe(130)
    // Behind what the terminal shows of the key.
    expect(screen()).toMatch(/\^C\r\n0 events published in [\d.]+ s\. What was under way may be, too\r\n$/)
  })

  it('shows nothing of what a server says as an escape', async () => {
    const server = await scriptedServer(() => problem(400, 'Cannot publish: \x1b]0;owned\x07\x9b31m\u202e'))
    const { code, screen } = atTerminal(['publish', server.url, 'a'], { env: { NO_COLOR: '1' } })
    expect(await code).toBe(1)
    expect(screen()).toContain('Cannot publish line 1: \\x1b]0;owned\\x07\\x9b31m\\u{202e}\r\n')
    expect(screen()).not.toContain('\x1b]')
  })
})
