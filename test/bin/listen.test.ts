import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { PassThrough, Writable } from 'node:stream'
import { promisify } from 'node:util'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { run } from '../../bin/run.ts'
import { EDGE_SSE, edgeSse, environment, start } from './edge-sse.ts'
import { type Answer, scriptedServer, stream } from './scripted-server.ts'
import { atTerminal } from './terminal.ts'

let cwd: string
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'edge-sse-listen-'))
  onTestFinished(() => rmSync(cwd, { recursive: true }))
})

/** What a terminal would obey: a title, colours by C0 and C1, text turned round. */
const EVIL = '\x1b]0;owned\x07\x1b[31m\x9b32m\u202e'
const SEEN = '\\x1b]0;owned\\x07\\x1b[31m\\x9b32m\\u{202e}'
const block = (id: number, data: string, event = 'chat'): string => `event: ${event}\nid: ${id}\ndata: ${data}\n\n`
const one = stream(`${block(1, EVIL)}`)
/** Comes back at once. */
const RETRY = 'retry: 1\n\n'

describe('listen', () => {
  it('prints a line for each message, with time, event, id and data, and nothing that a terminal obeys', async () => {
    const server = await scriptedServer(() => one)
    const { code, out } = await edgeSse(['listen', server.url, '--max', '1'])
    expect(code).toBe(0)
    expect(out).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}chat {2}1 {2}/)
    expect(out.endsWith(`  ${SEEN}\n`)).toBe(true)
  })

  it.each([
    ['--data', `${EVIL}\n`],
    ['--json', `{"event":"chat","id":"1","data":"\\u001b]0;owned\\u0007\\u001b[31m\\u009b32m\\u202e"}\n`],
    ['--raw', `event: chat\ndata: ${EVIL}\nid: 1\n\n`],
  ])('with %s prints that to a pipe', async (option, expected) => {
    const server = await scriptedServer(() => one)
    expect(await edgeSse(['listen', server.url, '--max', '1', '-q', option])).toEqual({
      code: 0,
      out: expected,
      err: '',
    })
  })

  it.each([[], ['--data'], ['--json']])('on a terminal neutralises escapes: %s', async (...options) => {
    const server = await scriptedServer(() => one)
    const env = { NO_COLOR: '1' }
    const { code, screen } = atTerminal(['listen', server.url, '--max', '1', ...options], { env })
    expect(await code).toBe(0)
    expect(screen()).toContain(options[0] === '--json' ? '\\u001b]0;owned' : SEEN)
    for (const control of ['\x1b', '\x07', '\x9b', '\u202e']) expect(screen()).not.toContain(control)
  })

  it('with --raw has them on a terminal too', async () => {
    const server = await scriptedServer(() => one)
    const { code, screen } = atTerminal(['listen', server.url, '--max', '1', '--raw'])
    expect(await code).toBe(0)
    expect(screen()).toContain(`data: ${EVIL}`)
  })

  it('goes on after a cut where it was, and ends well when there is no more', async () => {
    const server = await scriptedServer((_, index) =>
      index === 0
        ? stream(`${RETRY}${block(1, 'a')}${block(2, 'b')}`, 'cut')
        : index === 1
          ? stream(`${RETRY}${block(3, 'c')}`, 'end')
          : { status: 204 },
    )
    const { code, out, err } = await edgeSse(['listen', server.url, '--data'])
    expect([code, out]).toEqual([0, 'a\nb\nc\n'])
    expect(err).toMatch(
      /^Connecting\nConnected\nThe (connection failed|stream ended).*; again in .*, after 2\nConnected\nThe stream ended; again in .*, after 3\nThe server says that there is no more\n$/,
    )
    expect(server.asked.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '2', '3'])
  })

  it.each([
    ['with ids', `${block(1, 'a')}${block(2, '[DONE]', 'message')}`, 'end'],
    ['with ids, and cut after it', `${block(1, 'a')}${block(2, '[DONE]', 'message')}`, 'cut'],
    ['without ids', 'data: a\n\ndata: [DONE]\n\n', 'end'],
    ['without ids, and cut after it', 'data: a\n\ndata: [DONE]\n\n', 'cut'],
    ['without ids, and without a word', 'data: a\n\ndata: b\n\n', 'end'],
  ] as const)("ends with a model's answer, and does not ask again: %s", async (_, text, then) => {
    const server = await scriptedServer(() => stream(`${RETRY}${text}`, then))
    const { code, out, err } = await edgeSse(['listen', server.url, '--data', '--post', '{}'])
    expect([code, out]).toEqual([0, expect.stringMatching(/^a\n(\[DONE\]|b)\n$/)])
    expect(err).toBe('Connecting\nConnected\nThe stream ended\n')
    expect(server.asked).toHaveLength(1)
  })

  it.each([
    ['something follows it', ['--post', '{}'], `${block(1, '[DONE]', 'message')}${block(2, 'a')}`],
    ['nothing was posted', [], `${block(1, 'a')}${block(2, '[DONE]', 'message')}`],
  ])('takes [DONE] for no end where %s', async (_, options, text) => {
    const server = await scriptedServer((_, index) => stream(index === 0 ? `${RETRY}${text}` : block(3, 'b'), 'cut'))
    const { code, out } = await edgeSse(['listen', server.url, '--data', '-q', '--max', '3', ...options])
    expect([code, out]).toEqual([0, expect.stringMatching(/\nb\n$/)])
    expect(server.asked.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '2'])
  })

  it.each([
    ['204', { status: 204 }, ''],
    [
      'stream.end',
      stream('id: ~end\nevent: stream.end\ndata: {"reconnect":false}\n\n'),
      'Connected\nstream.end {"reconnect":false}\n',
    ],
  ] satisfies [string, Answer, string][])(
    'says that the server says there is no more: %s',
    async (_, answer, before) => {
      const server = await scriptedServer(() => answer)
      const err = `Connecting\n${before}The server says that there is no more\n`
      expect(await edgeSse(['listen', server.url])).toEqual({ code: 0, out: '', err })
      expect(await edgeSse(['listen', server.url, '-q'])).toEqual({ code: 0, out: '', err: '' })
    },
  )

  it('prints the end of a stream with --raw as it came', async () => {
    const end = 'id: ~end\nevent: stream.end\ndata: {"reconnect":false}\n\n'
    const server = await scriptedServer(() => stream(`${block(1, 'a')}${end}`, 'end'))
    const { code, out, err } = await edgeSse(['listen', server.url, '--raw', '-q'])
    expect([code, err]).toEqual([0, ''])
    expect(out).toBe(`event: chat\ndata: a\nid: 1\n\n${end}`)
    expect(server.asked).toHaveLength(1)
  })

  it('fails at the end of a stream that failed, and not at one that went on', async () => {
    const error = 'event: stream.error\ndata: {"code":"producer-failed","message":"no more\\n\\u001b[2Jpaper"}\n\n'
    const end = 'id: ~end\nevent: stream.end\ndata: {"reconnect":false}\n\n'
    const server = await scriptedServer((_, index) =>
      stream(`${block(1, 'a')}${error}${index === 0 ? '' : block(2, 'b')}${end}`, 'end'),
    )
    expect(await edgeSse(['listen', server.url, '--data', '-q'])).toEqual({
      code: 1,
      out: 'a\n',
      err: 'Cannot listen: the stream failed: no more\\n\\x1b[2Jpaper\n',
    })
    expect(await edgeSse(['listen', server.url, '--data', '-q'])).toEqual({ code: 0, out: 'a\nb\n', err: '' })
  })

  it('says that messages are missing also where it is quiet', async () => {
    const server = await scriptedServer(() =>
      stream(`event: stream.gap\ndata: {"reason":"expired"}\n\nevent: stream.live\ndata: {}\n\n${block(9, 'a')}`),
    )
    expect(await edgeSse(['listen', server.url, '--data', '-q', '--max', '1'])).toEqual({
      code: 0,
      out: 'a\n',
      err: 'stream.gap {"reason":"expired"}\n',
    })
  })

  it('goes on in the next run after the last message that it printed, also when it was killed', async () => {
    const server = await scriptedServer(({ headers }) =>
      headers['last-event-id'] === '2' ? stream(block(3, 'c')) : stream(`${block(1, 'a')}${block(2, 'b')}`),
    )
    const words = ['listen', server.url, '--data', '-q', '--resume', 'cursor']
    const { child, ended, out } = start(words, { cwd })
    while (out() !== 'a\nb\n') await new Promise((look) => child.stdout?.once('data', look))
    // It is written after what was printed.
    while (!readFileSync(join(cwd, 'cursor'), 'utf8').includes('"2"')) await new Promise(setImmediate)
    child.kill('SIGKILL')
    await ended
    expect(await edgeSse([...words, '--max', '1'], { cwd })).toEqual({ code: 0, out: 'c\n', err: '' })
    const other = await edgeSse(['listen', `${server.url}/other`, '--resume', 'cursor'], { cwd })
    expect([other.code, other.err]).toEqual([
      1,
      expect.stringMatching(/^Cannot resume: cursor is that of http:.*: name another\n$/),
    ])
  })

  it('is never further in its file than what has left it, however much waits for a slow reader', async () => {
    const server = await scriptedServer(() => stream([1, 2, 3].map((id) => block(id, 'a')).join('')))
    const file = join(cwd, 'cursor')
    const reached: string[] = []
    // What it was given is not taken yet: whoever is killed now has not printed it.
    const stdout = new Writable({
      write: (_chunk, _encoding, taken) =>
        void setImmediate(() => {
          reached.push(readFileSync(file, 'utf8'))
          taken()
        }),
    })
    const [stdin, stderr] = [new PassThrough(), new PassThrough()]
    const io = { stdin, stdout, stderr, env: {}, signal: AbortSignal.timeout(10_000) }
    expect(await run(['listen', server.url, '--data', '-q', '--max', '3', '--resume', file], io)).toBe(0)
    expect(reached.map((text) => text && JSON.parse(text).lastEventId)).toEqual(['', '1', '2'])
    expect(JSON.parse(readFileSync(file, 'utf8')).lastEventId).toBe('3')
  })

  it.runIf(process.platform === 'linux')('fails at a full disk, says why, and is no further in its file', async () => {
    const server = await scriptedServer(() => stream(block(1, 'a')))
    const command = `'${[...EDGE_SSE, 'listen', server.url, '-q', '--resume', 'cursor'].join("' '")}' > /dev/full`
    const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) =>
      execFile('sh', ['-c', command], { cwd, env: environment() }, (error, _, stderr) =>
        resolve({ code: error?.code, stderr }),
      ),
    )
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^Cannot write: ENOSPC.*\n$/)])
    expect(readFileSync(join(cwd, 'cursor'), 'utf8')).toBe('')
  })

  it('holds back a server that says without end what goes to stderr', async () => {
    const gaps = `event: stream.gap\ndata: {"x":"${'x'.repeat(1_000)}"}\n\n`.repeat(300)
    const server = await scriptedServer(() => stream(`${gaps}${block(1, 'a')}`))
    let most = 0
    const stderr = new Writable({
      highWaterMark: 1_000,
      write: (_chunk, _encoding, taken) => {
        most = Math.max(most, stderr.writableLength)
        setImmediate(taken)
      },
    })
    const [stdin, stdout] = [new PassThrough(), new PassThrough()]
    const io = { stdin, stdout, stderr, env: {}, signal: AbortSignal.timeout(10_000) }
    expect(await run(['listen', server.url, '--max', '1'], io)).toBe(0)
    expect(most).toBeLessThan(5_000)
  })

  it('goes on with another ticket, of which its file holds none, and shows none of another stream', async () => {
    const server = await scriptedServer(() => stream(block(1, 'a')))
    const listen = (query: string) =>
      edgeSse(['listen', `${server.url}?${query}`, '--max', '1', '--data', '-q', '--resume', 'cursor'], { cwd })
    expect((await listen('from=start&ticket=secret')).code).toBe(0)
    expect(readFileSync(join(cwd, 'cursor'), 'utf8')).not.toContain('secret')
    expect((await listen('from=start&ticket=other')).code).toBe(0)
    expect(server.asked.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '1'])
    writeFileSync(join(cwd, 'cursor'), `{"url":"${server.url}?api_key=secret","lastEventId":"1"}`)
    const { code, err } = await listen('from=start')
    expect([code, err]).toEqual([1, expect.stringContaining('?api_key=…: name another')])
  })

  it('does not wait for a pipe in place of its file', async () => {
    execFileSync('mkfifo', [join(cwd, 'pipe')])
    const { code, err } = await edgeSse(['listen', 'http://127.0.0.1:1/', '--resume', 'pipe'], { cwd })
    expect([code, err]).toEqual([1, 'Cannot resume: pipe is not a file that --resume has written: name another\n'])
  })

  it('never writes over a file that is none of its own', async () => {
    writeFileSync(join(cwd, 'thesis.txt'), 'years of work')
    const { code, err } = await edgeSse(['listen', 'http://127.0.0.1:1/', '--resume', 'thesis.txt'], { cwd })
    expect([code, err]).toEqual([
      1,
      'Cannot resume: thesis.txt is not a file that --resume has written: name another\n',
    ])
    expect(readFileSync(join(cwd, 'thesis.txt'), 'utf8')).toBe('years of work')
  })

  it('ends after the first message of a name with --until', async () => {
    const server = await scriptedServer(() => stream(`${block(1, 'a')}${block(2, 'b', 'done')}${block(3, 'c')}`))
    expect(await edgeSse(['listen', server.url, '--until', 'done', '--data', '-q'])).toMatchObject({
      code: 0,
      out: 'a\nb\n',
    })
  })

  it.each([
    [['--post', '{"n":1}'], '{"n":1}', 'application/json'],
    [['--post', '@body.txt', '-H', 'content-type: text/plain'], 'from a file', 'text/plain'],
    [['--post', '-'], 'from stdin', 'application/json'],
  ])('posts with %j', async (options, body, type) => {
    writeFileSync(join(cwd, 'body.txt'), 'from a file')
    const server = await scriptedServer(() => one)
    const words = ['listen', server.url, '--max', '1', ...options]
    expect((await edgeSse(words, { cwd, input: 'from stdin' })).code).toBe(0)
    expect(server.asked).toMatchObject([{ method: 'POST', body, headers: { 'content-type': type } }])
  })

  it.skipIf(process.platform === 'win32')('posts no input without end', async () => {
    const { code, err } = await edgeSse(['listen', 'http://127.0.0.1:1/', '--post', '@/dev/zero'])
    expect([code, err]).toEqual([1, 'Cannot listen: the input is longer than 64 MiB\n'])
    const none = await edgeSse(['listen', 'http://127.0.0.1:1/', '--post', '@none\n.txt'], { cwd })
    expect([none.code, none.err]).toEqual([1, expect.stringMatching(/^Cannot listen: ENOENT.*\\n.*\n$/)])
  })

  it('says what a server says that refuses it, and nothing that a terminal obeys', async () => {
    const server = await scriptedServer(() => ({
      status: 401,
      headers: { 'content-type': 'application/problem+json' },
      body: { title: 'Unauthorized', status: 401, detail: `Cannot authorize: ${EVIL}\nand\r\nmore` },
    }))
    const { code, out, err } = await edgeSse(['listen', server.url, '-q'])
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain(`Cannot authorize: ${SEEN}\\nand\\r\\nmore. A token goes into EDGE_SSE_TOKEN, or --token\n`)
    expect(server.asked).toHaveLength(1)
  })

  const page = 'That is a page. Its stream has a URL of its own, which the network tab of a browser shows'
  const [html, json] = ['text/html; charset=utf-8', 'application/json']
  it.each([
    ['a page', ['listen'], html, '<html>', page],
    ['JSON', ['listen'], json, '{"n":1}', 'edge-sse check with this URL says what is wrong with it'],
    ['a stream of PHP', ['listen'], html, 'data: 1', 'edge-sse check with this URL says what is wrong with it'],
    ['text', ['listen'], 'text/plain', 'data: 1', 'edge-sse check with this URL says what is wrong with it'],
    ['an answer in one piece', ['listen', '--post', '{}'], json, '{}', 'Models stream where "stream":true is posted'],
    [
      'an error',
      ['listen', '--post', '{}'],
      json,
      '{"error":{"message":"No.\\u001b[2J"}}',
      /"stream":true.*: No\.\\x1b\[2J$/,
    ],
    ['a page', ['chat', '--once', 'hello'], html, '<html>', page],
    ['JSON', ['chat', '--once', 'hello'], json, '{}', 'chat needs a server that streams its answers'],
  ])(
    'says what to do where it finds %s in place of a stream: %j',
    async (_, [command = '', ...words], type, body, hint) => {
      const server = await scriptedServer(() => ({ status: 200, headers: { 'content-type': type }, body }))
      const { code, out, err } = await edgeSse([command, server.url, ...words])
      expect([code, out]).toEqual([1, ''])
      const said = err.trimEnd().split('\n').at(-1) ?? ''
      const why = `Cannot read: its type is "${type}". `
      expect(said.slice(0, why.length)).toBe(why)
      if (typeof hint === 'string') expect(said.slice(why.length)).toBe(hint)
      else expect(said).toMatch(hint)
    },
  )

  it.each([
    [405, [], 'not so. --post sends what is to be posted'],
    [405, ['--post', '{}'], 'not so. Without --post it is asked for with GET'],
    [406, [], 'not so. That is no event stream'],
    [404, [], 'not so. See the headers'],
  ])('says what to do about a %d in words of its own: %j', async (status, words, said) => {
    const body = { detail: 'Cannot answer: not so', help: 'See the headers' }
    const server = await scriptedServer(() => ({ status, body }))
    const { code, err } = await edgeSse(['listen', server.url, '-q', ...words])
    expect([code, err]).toEqual([1, `Cannot read: its status is ${status}: Cannot answer: ${said}\n`])
  })

  it.each(['listen', 'chat', 'publish'])(
    '%s does not dial again for what another time will not heal',
    async (command) => {
      const server = await scriptedServer(() => stream(''))
      const words = { listen: [], chat: ['--once', 'hello'], publish: ['hello'] }[command] ?? []
      const { code, err } = await edgeSse([command, server.url.replace('http:', 'https:'), ...words])
      expect(code).toBe(1)
      expect(err).toMatch(
        /^(Connecting|Nothing is published)?\n?Cannot .*: its server does not speak TLS: try http:\/\/\n$/,
      )
      expect((await edgeSse([command, 'http://127.0.0.1:1/', ...words])).err).toMatch(/Cannot .*: bad port\n$/)
    },
  )

  it('says that what it prints cannot be written', async () => {
    const server = await scriptedServer(() => stream(block(1, 'a')))
    const { stdout: said } = await promisify(execFile)(
      'sh',
      ['-c', `'${[...EDGE_SSE, 'listen', server.url, '-q'].join("' '")}' 2>&1 >/dev/full; echo "code $?"`],
      { env: environment() },
    )
    expect(said).toMatch(/^Cannot write: .*ENOSPC.*\ncode 1\n$/)
  })

  it('ends quietly when its reader has enough', async () => {
    const server = await scriptedServer(() => (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const more = setInterval(() => response.write(block(1, 'a')), 5)
      response.on('close', () => clearInterval(more))
    })
    const command = `'${[...EDGE_SSE, 'listen', server.url, '--data'].join("' '")}'; echo "code $?" >&2`
    const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((resolve) =>
      execFile('sh', ['-c', `(${command}) | head -n 2`], { env: environment() }, (_, stdout, stderr) =>
        resolve({ stdout, stderr }),
      ),
    )
    expect([stdout, stderr]).toEqual(['a\na\n', 'Connecting\nConnected\ncode 0\n'])
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('leaves at once on %s, with whole lines behind it', async (signal, expected) => {
    const server = await scriptedServer(() => stream(`${block(1, 'a')}event: chat\ndata: ha`))
    const { child, ended, out } = start(['listen', server.url, '--data', '-q'])
    while (out() !== 'a\n') await new Promise((look) => child.stdout?.once('data', look))
    child.kill(signal)
    expect(await ended).toEqual({ code: expected, out: 'a\n', err: '' })
  })

  it.each([
    ['listen', '--post', '-'],
    ['chat', '--once', '-'],
  ])('leaves on Ctrl+C while it waits for the end of stdin: %s %s %s', async (command, ...words) => {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
    const stop = new AbortController()
    const over = run([command, 'http://127.0.0.1:1/', ...words], {
      stdin,
      stdout,
      stderr,
      env: {},
      signal: stop.signal,
    })
    stdin.write('{')
    while (stdin.readableLength > 0 || stdin.readableFlowing === null) await new Promise(setImmediate)
    stop.abort()
    await over
    expect(stderr.read()).toBe(null)
  })

  it('leaves on Ctrl+C at a terminal', async () => {
    const server = await scriptedServer(() => stream(block(1, 'hello')))
    const { seen, type, code } = atTerminal(['listen', server.url])
    await seen('hello\r\n')
    type('\x03')
    expect(await code).toBe(130)
  })
})
