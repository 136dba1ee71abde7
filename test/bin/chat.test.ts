import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { launchProcess } from '../runtimes/process.ts'
import { edgeSse, start } from './edge-sse.ts'
import { type Answer, type Asked, closedPort, scriptedServer, stream } from './scripted-server.ts'
import { atTerminal } from './terminal.ts'

const chunk = (content: string): string => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`
const DONE = 'data: [DONE]\n\n'
const answer = (...words: string[]): Answer => stream(words.map(chunk).join('') + DONE, 'end')
const said = ({ body }: Asked): { role: string; content: string }[] => JSON.parse(body).messages

describe('chat --once', () => {
  it('prints the answer of a server of ours, to the letter and alone', { timeout: 60_000 }, async () => {
    const server = await launchProcess('node', { EDGE_SSE_ACCESS: 'open' })
    onTestFinished(() => server.close())
    const { code, out, err } = await edgeSse(['chat', server.url, '--once', 'What is an event stream?'])
    expect([code, err]).toEqual([0, ''])
    const whole = await fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'What is an event stream?' }] }),
    })
    const { choices } = (await whole.json()) as { choices: { message: { content: string } }[] }
    expect(out.trimEnd()).toBe(choices[0]?.message.content.trimEnd())
  })

  it('asks as it is told to', async () => {
    const server = await scriptedServer(() => answer('yes'))
    const origin = new URL(server.url).origin
    const words = ['chat', origin, '--once', '-', '--model', 'large', '--system', 'Be brief', '--token', 'mine']
    expect(await edgeSse(words, { input: 'Is it?' })).toEqual({ code: 0, out: 'yes\n', err: '' })
    const [asked] = server.asked
    expect(asked).toMatchObject({ path: '/v1/chat/completions', headers: { authorization: 'Bearer mine' } })
    expect(JSON.parse(asked?.body ?? '')).toEqual({
      model: 'large',
      messages: [
        { role: 'system', content: 'Be brief' },
        { role: 'user', content: 'Is it?' },
      ],
      stream: true,
    })
  })

  it.each(['', '/', '/v1', '/v1/'])('asks the completions of a server that is named as %j', async (path) => {
    const server = await scriptedServer(() => answer('yes'))
    const { code } = await edgeSse(['chat', new URL(server.url).origin + path, '--once', 'hello'])
    expect([code, server.asked[0]?.path]).toEqual([0, '/v1/chat/completions'])
  })

  it.each([
    ['', ''],
    ['-', ' \n'],
  ])('asks nothing where there is no question: %j', async (question, input) => {
    const server = await scriptedServer(() => answer('yes'))
    const { code, err } = await edgeSse(['chat', server.url, '--once', question], { input })
    expect([code, err]).toEqual([2, 'Cannot chat: the question is empty\nedge-sse chat --help says how.\n'])
    expect(server.asked).toEqual([])
  })

  it.each([
    ['breaks off', stream(chunk('half'), 'end'), /./],
    ['fails', stream(`${chunk('half')}data: {"error":{"message":"no \\u001b[2Jmore"}}\n\n`, 'end'), /no \\x1b\[2Jmore/],
  ])('fails where the answer %s, which is not to be taken for all of it', async (_, given, why) => {
    const server = await scriptedServer(() => given)
    const { code, out, err } = await edgeSse(['chat', server.url, '--once', 'hello'])
    expect([code, out]).toEqual([1, 'half\n'])
    expect(err).toMatch(why)
    expect(err).not.toContain('\x1b')
  })

  it('says in its own words that an answer was cut', async () => {
    const server = await scriptedServer(() => stream(chunk('half'), 'cut'))
    const { code, err } = await edgeSse(['chat', server.url, '--once', 'hello'])
    expect([code, err]).toEqual([1, 'Cannot chat: the answer broke off, and what is here is only a part\n'])
  })

  it('says why it tries again, and nothing that a terminal obeys', async () => {
    const away = { status: 503, body: { detail: 'Cannot ask: \x1b[2Jaway' } }
    const server = await scriptedServer((_, index) => (index < 2 ? away : answer('yes')))
    const { code, out, err } = await edgeSse(['chat', server.url, '--once', 'hello'])
    expect([code, out]).toEqual([0, 'yes\n'])
    expect(err).toMatch(
      /^(The connection failed: .* its status is 503: Cannot ask: \\x1b\[2Jaway; again in [\d.]+ s\n){2}$/,
    )
  })

  it('does not wait for a server that is not there without a word', async () => {
    const { child, ended, err } = start(['chat', await closedPort(), '--once', 'hello'])
    while (!err()) await new Promise((look) => child.stderr?.once('data', look))
    child.kill('SIGINT')
    expect(await ended).toMatchObject({
      code: 130,
      err: expect.stringMatching(/^The connection failed: .*ECONNREFUSED.*; again in [\d.]+ s\n/),
    })
  })
})

it('chat ends where an answer has no end, and keeps no more of it than 8 Mi characters', async () => {
  let sent = 0
  const server = await scriptedServer(() => (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const piece = chunk('x'.repeat(100_000))
    const more = (): void => {
      do sent += 100_000
      while (!response.closed && response.write(piece))
    }
    response.on('drain', more)
    more()
  })
  const { code, out, err } = await edgeSse(['chat', server.url, '--once', 'hello'])
  expect([code, err]).toEqual([1, 'Cannot chat: the answer has no end. It is only a part\n'])
  expect(out.length).toBeLessThan(9_000_000)
  expect(sent).toBeLessThan(40_000_000)
})

describe('chat --once of a server that does not answer', () => {
  it('says so, asks again under the same key, and gives up after --retry-for', async () => {
    const server = await scriptedServer(() => 'cut')
    const { code, out, err } = await edgeSse(['chat', server.url, '--once', 'hello', '--retry-for', '2s'])
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(/^(The connection failed: .*; again in [\d.]+ s\n)+Cannot chat: there is no answer\. The .*\n$/)
    expect(server.asked.length).toBeGreaterThan(1)
    expect(new Set(server.asked.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
  })

  it('gives up at once on what no time heals', async () => {
    // Of a port that `fetch` never dials.
    const { code, err } = await edgeSse(['chat', 'http://127.0.0.1:1/', '--once', 'hello'])
    expect([code, err]).toEqual([1, 'Cannot connect: bad port\n'])
  })

  it('gives up at once where it asks to be left alone for longer, and says what it says', async () => {
    const server = await scriptedServer(() => ({
      status: 429,
      headers: { 'content-type': 'application/problem+json', 'retry-after': '3600' },
      body: { detail: 'Cannot answer: \x1b[2Jtoo much\nof it' },
    }))
    const { code, out, err } = await edgeSse(['chat', server.url, '--once', 'hello'])
    expect([code, out, server.asked.length]).toEqual([1, '', 1])
    expect(err).toMatch(/^Cannot chat: there is no answer\. .*Cannot answer: \\x1b\[2Jtoo much\\nof it\n$/)
  })
})

describe('chat at a terminal', () => {
  const env = { NO_COLOR: '1' }

  it('is a conversation: tokens as they come, and the model is told what was said', async () => {
    let goOn = (): void => {}
    const server = await scriptedServer((_, index) =>
      index > 0
        ? answer('You are', ' Ada')
        : (response) => {
            response.writeHead(200, { 'content-type': 'text/event-stream' })
            response.write(chunk('Hello '))
            goOn = () => response.end(chunk('Ada') + DONE)
          },
    )
    const { seen, type, code } = atTerminal(['chat', server.url], { env })
    await seen('Ctrl+C stops an answer, exit leaves')
    await seen('> ')
    type('I am Ada\r')
    // Before it is complete.
    await seen('\nHello ')
    goOn()
    await seen('Ada')
    await seen('> ')
    type('Who am I?\r')
    await seen('You are Ada')
    await seen('> ')
    type('exit\r')
    expect(await code).toBe(0)
    expect(server.asked.map(said)).toEqual([
      [{ role: 'user', content: 'I am Ada' }],
      [
        { role: 'user', content: 'I am Ada' },
        { role: 'assistant', content: 'Hello Ada' },
        { role: 'user', content: 'Who am I?' },
      ],
    ])
  })

  it('stops the answer on Ctrl+C, and leaves with 130 on the next', async () => {
    let left = (): void => {}
    const gone = new Promise<void>((resolve) => {
      left = resolve
    })
    const server = await scriptedServer(({ method }) =>
      method === 'DELETE'
        ? { status: 204 }
        : (response) => {
            // A server of ours goes on with what nobody reads, unless it is told.
            response.writeHead(200, { 'content-type': 'text/event-stream', 'edge-sse-stream': 'abc' })
            response.write(chunk('On and on'))
            response.on('close', left)
          },
    )
    const { seen, type, code } = atTerminal(['chat', server.url], { env })
    await seen('> ')
    type('hello\r')
    await seen('On and on')
    type('\x03')
    await gone
    await server.wasAsked(2)
    expect(server.asked[1]).toMatchObject({ method: 'DELETE', path: '/chat/abc' })
    await seen('(stopped)')
    await seen('> ')
    type('\x03')
    expect(await code).toBe(130)
  })

  it('leaves a question out of the conversation that was stopped before there was an answer', async () => {
    const thinking = 'data: {"choices":[{"delta":{"reasoning_content":"Hm"}}]}\n\n'
    const server = await scriptedServer((_, index) => (index === 0 ? stream(thinking) : answer('well')))
    const { seen, type, code } = atTerminal(['chat', server.url, '--system', 'Be brief'], { env })
    await seen('> ')
    type('one\r')
    await seen('Hm')
    type('\x03')
    await seen('(stopped)\r\nThere is no answer: the question is not part of the conversation\r\n')
    await seen('> ')
    type('two\r')
    await seen('well')
    await seen('> ')
    type('exit\r')
    expect(await code).toBe(0)
    expect(said(server.asked[1] as Asked)).toEqual([
      { role: 'system', content: 'Be brief' },
      { role: 'user', content: 'two' },
    ])
  })

  it('writes no escapes into a file that has its stderr', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'edge-sse-chat-'))
    onTestFinished(() => rmSync(cwd, { recursive: true }))
    const server = await scriptedServer((_, index) => (index === 0 ? { status: 400 } : answer('Hello Ada')))
    const { seen, type, code } = atTerminal(['chat', server.url], { cwd }, '2>err.txt')
    type('I am Ada\r')
    await server.wasAsked(1)
    type('I am Ada\r')
    await seen('Hello Ada')
    type('exit\r')
    expect(await code).toBe(0)
    expect(readFileSync(join(cwd, 'err.txt'), 'utf8')).toBe('Cannot read: its status is 400\n')
  })

  it('shows nothing of an answer as an escape', async () => {
    const server = await scriptedServer(() => answer('a\n\x1b]0;owned\x07', '\x9b31m\u202e b'))
    const { seen, type, code, screen } = atTerminal(['chat', server.url, '--once', 'hello'], { env })
    await seen('\\x9b31m\\u{202e} b')
    expect(await code).toBe(0)
    expect(screen()).toContain('a\r\n\\x1b]0;owned\\x07')
    for (const control of ['\x1b', '\x07', '\x9b', '\u202e']) expect(screen()).not.toContain(control)
    type('')
  })

  it.each<[how: string, first: Answer, told: string, leave: string]>([
    ['empty', answer(' ', '\n'), 'There is no answer: the question is not part of the conversation\r\n', 'exit\r'],
    [
      'refused',
      {
        status: 400,
        headers: { 'content-type': 'application/problem+json' },
        body: { detail: 'Cannot answer: \x1b[2Jnot this' },
      },
      'Cannot answer: \\x1b[2Jnot this',
      '\x04',
    ],
  ])('says that an answer is %s, leaves it out with its question, and asks on', async (_how, first, told, leave) => {
    const server = await scriptedServer((_, index) => (index === 0 ? first : answer('well')))
    const { seen, type, code } = atTerminal(['chat', server.url], { env })
    await seen('> ')
    type('one\r')
    await seen(told)
    await seen('> ')
    type('two\r')
    await seen('well')
    await seen('> ')
    type(leave)
    expect(await code).toBe(0)
    expect(server.asked.map(said)).toEqual([[{ role: 'user', content: 'one' }], [{ role: 'user', content: 'two' }]])
  })
})
