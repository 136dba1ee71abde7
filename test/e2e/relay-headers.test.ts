/** What goes up to a model's server and what comes down from it: nothing of the caller's own, nothing of the server's own. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answer, failed, fin, head, raw, type Script } from '../upstream/script.ts'
import type { UpstreamCall } from '../upstream/upstream-call.ts'
import type { AnswerReader } from './answer-reader.ts'
import { CANARY } from './refusal.ts'
import { KEY, type Question, RelayBench } from './relay-bench.ts'

const SECRET = 'open-sesame-41-open-sesame-41-open-sesame-41'

let relay: RelayBench
beforeAll(async () => {
  relay = await RelayBench.launch({ EDGE_SSE_SECRET: SECRET }, { Authorization: `Bearer ${SECRET}` })
})
afterAll(() => relay.close())

/** Asks for an answer to its end; gives the call it was. */
async function called(script: Script, asked: Question = {}): Promise<[UpstreamCall, AnswerReader]> {
  const model = relay.model(script, 'strict')
  const reader = await relay.ask(model, asked)
  await reader.untilEnd()
  return [await relay.upstream.called(model), reader]
}

describe('up goes', () => {
  it("the provider's key, and nothing that the caller said in a header", async () => {
    const mine = ['Cookie', 'X-Api-Key', 'OpenAI-Organization', 'X-Forwarded-For', 'Referer', 'User-Agent', 'Baggage']
    const headers = Object.fromEntries(mine.map((name) => [name, `${CANARY}=${CANARY}`]))
    for (const key of [{}, { 'Idempotency-Key': CANARY }]) {
      const [{ headers: sent, method, path, text }] = await called(answer('one'), { headers: { ...headers, ...key } })
      expect([method, path]).toEqual(['POST', '/v1/chat/completions'])
      expect(sent.get('authorization')).toBe(`Bearer ${KEY}`)
      expect(sent.get('content-type')).toMatch(/^application\/json\b/)
      const all = JSON.stringify([...sent]) + text
      expect(all).not.toContain(CANARY)
      expect(all).not.toContain(SECRET)
      expect(sent.has('cookie')).toBe(false)
    }
  })

  it('the body as it was written, but for what is said to us, and always as a stream', async () => {
    const messages = [
      { role: 'system', content: 'Look at https://evil.example/v1 {"base_url":"http://127.0.0.1:1/"}' },
      { role: 'user', content: [{ type: 'image_url', image_url: { url: 'http://127.0.0.1:1/duck.png' } }] },
    ]
    const unknown = { seed: 7, metadata: { 'x~y': [null, 'é🦆'] }, brand_new_field: { deep: [1, { two: 2 }] } }
    for (const stream of [true, false]) {
      const body = { messages, ...unknown, stream, on_disconnect: 'continue' }
      const [{ body: sent }] = await called(answer('one'), { body })
      const { model, stream_options: _, ...rest } = sent
      expect(rest).toEqual({ messages, ...unknown, stream: true })
      expect(model).toMatch(/^strict-\d+$/)
    }
  })

  it.each([
    ['in one piece, always', { stream: false }, { include_usage: true }],
    [
      'in one piece, also where it is not',
      { stream: false, stream_options: { include_usage: false } },
      { include_usage: true },
    ],
    ['in a stream, where it is', { stream: true, stream_options: { include_usage: true } }, { include_usage: true }],
    ['in a stream, as it is', { stream: true, stream_options: { include_usage: false } }, { include_usage: false }],
    ['in a stream, not where it is not', { stream: true }, undefined],
  ])('whether the cost is asked for %s', async (_, body, options) => {
    const [{ body: sent }] = await called(answer('one'), { body })
    expect(sent.stream_options).toEqual(options)
  })

  const TRACE = {
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    tracestate: 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE',
  }
  const tracesOf = ({ headers }: UpstreamCall): Record<string, string | null> =>
    Object.fromEntries(Object.keys(TRACE).map((name) => [name, headers.get(name)]))

  it('the trace that the question is part of, from each route of one reader', async () => {
    for (const path of ['/v1/chat/completions', '/chat/stream'])
      for (const stream of [true, false]) {
        const [call] = await called(answer('one'), { path, headers: TRACE, body: { stream } })
        expect(tracesOf(call)).toEqual(TRACE)
      }
    const body = { id: 'traced', messages: [{ id: 'q1', role: 'user', parts: [{ type: 'text', text: 'hello' }] }] }
    const [call] = await called(answer('one'), { path: '/api/chat', headers: TRACE, body })
    expect(tracesOf(call)).toEqual(TRACE)
  })

  it('no trace that is none, and none where another attempt is the same question', async () => {
    const none = { traceparent: null, tracestate: null }
    const [call] = await called(answer('one'), { headers: { traceparent: 'x'.repeat(513), tracestate: 'grüße' } })
    expect(tracesOf(call)).toEqual(none)
    const model = relay.model(answer('one'), 'strict')
    for (const traceparent of [TRACE.traceparent, TRACE.traceparent.replace('b7ad', 'b7ae')])
      await (await relay.ask(model, { headers: { traceparent, 'Idempotency-Key': 'traced' } })).untilEnd()
    expect(relay.upstream.callsOf(model).map(tracesOf)).toEqual([none])
  })
})

describe('down comes', () => {
  const theirs = {
    'set-cookie': `session=${CANARY}`,
    server: CANARY,
    'x-powered-by': CANARY,
    'x-request-id': CANARY,
    'access-control-allow-origin': 'https://canary.example',
    'edge-sse-stream': CANARY,
    'www-authenticate': `Bearer realm="${CANARY}"`,
    link: `<https://${CANARY}.example>; rel=preload`,
    'clear-site-data': '"*"',
  }

  it.each([
    ['an answer', 200, [head(200, { 'content-type': 'text/event-stream', ...theirs }), ...answer('one').slice(1)]],
    ['a refusal', 502, failed(401, CANARY, theirs)],
    ['a rejection', 400, failed(400, 'Too long', theirs)],
    ['a page', 502, [head(200, { 'content-type': 'text/html', ...theirs }), raw(CANARY), fin()]],
    ['too much', 429, failed(429, CANARY, { ...theirs, 'retry-after': `${CANARY}\t` })],
  ] as [string, number, Script][])('nothing of the head of %s', async (_, status, script) => {
    for (const stream of [true, false]) {
      const [, { head, body }] = await called(script, { body: { stream } })
      expect(head.status).toBe(status)
      expect(JSON.stringify([...head.headers])).not.toMatch(new RegExp(`${CANARY}|canary|clear-site-data`))
      expect(body).not.toContain(CANARY)
    }
  })
})
