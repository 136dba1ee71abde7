import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { headersOf, urlOf } from '../../bin/request-target.ts'
import { edgeSse } from './edge-sse.ts'
import { published, scriptedServer, stream } from './scripted-server.ts'

describe('the token of the environment', () => {
  const ask = (url: string, values = {}, EDGE_SSE_TOKEN = 'secret') => {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
    const io = { stdin, stdout, stderr, env: { EDGE_SSE_TOKEN }, signal: new AbortController().signal }
    const { authorization } = Object.fromEntries(headersOf('listen', new URL(url), { values, io }))
    return [authorization, String(stderr.read() ?? '')]
  }

  it.each([
    'https://api.example/events',
    'http://localhost:8787/sse',
    'http://127.0.0.1/',
    'http://127.8.9.1:1/',
    'http://[::1]:80/',
  ])('goes where nobody reads it on the way: %s', (url) => {
    expect(ask(url)).toEqual(['Bearer secret', ''])
  })

  it.each([
    'http://api.example:8787/events?ticket=abc',
    'http://10.0.0.1/',
    'http://127.0.0.1.example/',
    'http://128.0.0.1/',
    'http://a.localhost/',
    'http://localhost.example/',
    'http://[2001:db8::1]/',
  ])('goes nowhere else, and that is said: %s', (url) => {
    const said = `EDGE_SSE_TOKEN is not sent to ${new URL(url).origin}, as anybody on the way could read it. --token sends it all the same\n`
    expect(ask(url)).toEqual([undefined, said])
  })

  it.each([
    [{ token: 'mine' }, 'Bearer mine'],
    [{ header: ['Authorization: Basic mine'] }, 'Basic mine'],
  ])('is nothing to speak of where %j is sent', (values, sent) => {
    expect(ask('http://api.example/', values)).toEqual([sent, ''])
    expect(ask('http://api.example/', {}, '')).toEqual([undefined, ''])
  })
})

describe('a URL without http://', () => {
  it.each([
    ['localhost:8787/sse?a=1', ', did you mean http://localhost:8787/sse?a=1?'],
    ['127.0.0.1', ', did you mean http://127.0.0.1?'],
    ['api.example/events?ticket=secret', ', did you mean https://api.example/events?ticket=…?'],
    ['ftp://api.example/', ''],
    ['nonsense', ''],
    ['/events', ''],
    ['mailto:a@b.example', ''],
    ['a\x1b.b', ''],
  ])('is told from one: %j', (text, meant) => {
    const told = new RegExp(`^Cannot listen: .* is no http:// or https:// URL${meant.replaceAll(/[?.]/g, '\\$&')}$`)
    expect(() => urlOf('listen', text)).toThrow(told)
  })
})

describe('a server that was not named', () => {
  const env = { EDGE_SSE_TOKEN: 'secret' }

  it.each([
    ['listen', ['--max', '1', '-H', 'x-key: secret'], 307],
    ['chat', ['--once', 'hello', '-H', 'x-key: secret'], 308],
    ['publish', ['hello'], 307],
  ])('gets no token of %s that another leads to it', async (command, words, status) => {
    const other = await scriptedServer((asked) =>
      command === 'publish' ? published(asked) : stream('data: {}\n\ndata: [DONE]\n\n'),
    )
    const server = await scriptedServer(() => ({ status, headers: { location: other.url } }))
    const { code, err } = await edgeSse([command, server.url, ...words], { env })
    expect(server.asked[0]?.headers.authorization).toBe('Bearer secret')
    expect(JSON.stringify(other.asked)).not.toContain('secret')
    expect([code, other.asked.length]).toEqual(command === 'publish' ? [1, 0] : [0, 1])
    expect(err).not.toContain('secret')
  })
})
