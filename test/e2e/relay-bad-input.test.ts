/** Rows 46 and 49, and 73 for the routes of models, of the corpus of bad input; 47 and 48 are in relay-faults.test.ts. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { JWT_SECRET, tokenOf } from '../access/tokens.ts'
import { answer, hold, said, stall, stream } from '../upstream/script.ts'
import { ScriptedUpstream } from '../upstream/scripted-upstream.ts'
import { AnswerReader } from './answer-reader.ts'
import { exchange, type RawResponse, request } from './raw-socket.ts'
import { as, expectRefusal, type Refusal } from './refusal.ts'
import { RelayBench } from './relay-bench.ts'
import { expectWhole } from './relay-failure.ts'

let relay: RelayBench
/** What a caller would like to be asked instead. */
let elsewhere: ScriptedUpstream
const bearerOf = async (sub: string): Promise<Record<string, string>> => ({
  Authorization: `Bearer ${await tokenOf({ claims: { sub, can: ['answer'], rooms: { chat: ['answer'] } } })}`,
})
let ada: Record<string, string>
let eve: Record<string, string>
beforeAll(async () => {
  elsewhere = await ScriptedUpstream.start()
  ;[ada, eve] = [await bearerOf('ada'), await bearerOf('eve')]
  relay = await RelayBench.launch({ EDGE_SSE_JWT_SECRET: JWT_SECRET }, ada)
})
afterAll(async () => {
  await relay.close()
  await elsewhere.close()
})

/** A refusal as everywhere; on these routes it may tell OpenAI's clients in their own way too. */
function expectProblem(response: RawResponse, refusal: Refusal): void {
  const { error, ...problem } = JSON.parse(String(response.body))
  expectRefusal({ ...response, body: Buffer.from(JSON.stringify(problem)) }, refusal)
  if (error !== undefined)
    expect(error).toEqual({ message: problem.detail, type: expect.any(String), code: refusal.slug, param: null })
}

const asking: [path: string, body: Record<string, unknown>][] = [
  ['/v1/chat/completions', { messages: [{ role: 'user', content: 'x' }] }],
  ['/chat/stream', { messages: [{ role: 'user', content: 'x' }] }],
  ['/server/send?room=chat', { messages: [{ role: 'user', content: 'x' }] }],
]
const post = (path: string, body: string, type = 'application/json'): Promise<RawResponse> =>
  exchange(relay.server.port, request('POST', path, { ...ada, 'Content-Type': type }, body))

describe.each(asking)('46: %s', (path, body) => {
  it('with an upstream of its own is refused, and that is not asked', async () => {
    const model = relay.model(answer('one'))
    const url = elsewhere.baseUrl
    for (const own of [
      { base_url: url },
      { baseURL: url },
      { baseUrl: url },
      { api_base: url },
      { api_key: 'sk-mine' },
      { provider: url },
      { provider: { base_url: url } },
      { models: ['another'] },
      { fallbacks: [{ model: 'another', api_base: url }] },
      { litellm_params: { api_base: url } },
      { user_config: { model_list: [] } },
      { base_url: null },
    ])
      expectProblem(await post(path, JSON.stringify({ model, ...body, ...own })), as(400, 'unknown-provider'))
    expect(relay.upstream.callsOf(model)).toEqual([])
    expect(elsewhere.connections).toBe(0)
  })

  it('with a model that is not there is 404, whatever it looks like', async () => {
    for (const model of [
      'gpt-unknown',
      elsewhere.baseUrl,
      `${elsewhere.baseUrl}/patient-1`,
      '__proto__',
      'constructor',
      ' ',
    ])
      expectProblem(await post(path, JSON.stringify({ ...body, model })), as(404, 'unknown-provider'))
    expect(elsewhere.connections).toBe(0)
  })
})

describe('49: the answer of another subject', () => {
  it('is not to be found, while it runs and when it is over, by any route', async () => {
    const model = relay.model([stream(), said('mine'), hold(), ...answer('one').slice(1)])
    const reader = await relay.ask(model, { body: { on_disconnect: 'continue' } })
    await reader.untilSaid('mine')
    const expectAbsent = async (): Promise<void> => {
      const hers = relay.model(answer('hers'))
      for (const bytes of [
        request('GET', `/chat/${reader.answer}/events`, eve),
        request('GET', `/chat/${reader.answer}/events`, { ...eve, 'Last-Event-ID': reader.lastId ?? '' }),
        request('DELETE', `/chat/${reader.answer}`, eve),
        relay.question(hers, { headers: eve, lastEventId: reader.lastId }),
        request('GET', '/chat/nothing-of-that-name/events', eve),
      ])
        expectProblem(await exchange(relay.server.port, bytes), as(404, 'not-found'))
      expect(relay.upstream.callsOf(hers)).toEqual([])
    }
    await expectAbsent()
    ;(await relay.upstream.called(model)).release()
    await reader.untilEnd()
    expectWhole(reader, 'mineone')
    await expectAbsent()
  })

  it('is not given for the same key either: each has her own', async () => {
    const model = relay.model(answer('one'))
    const question = { headers: { 'Idempotency-Key': 'shared' } }
    const mine = await relay.ask(model, question)
    await mine.untilEnd()
    const hers = await AnswerReader.ask(
      relay.server.port,
      relay.question(model, { headers: { ...eve, ...question.headers } }),
    )
    await hers.untilEnd()
    expectWhole(hers, 'one')
    expect(relay.upstream.callsOf(model)).toHaveLength(2)
  })
})

describe('73: another type of body', () => {
  it.each([...asking, ['/api/chat', { id: 'c1', messages: [] }] as const])('is 415 at %s', async (path, body) => {
    const model = relay.model([stall()])
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
      expectProblem(await post(path, JSON.stringify({ model, ...body }), type), as(415, 'unsupported-media-type'))
    expect(relay.upstream.callsOf(model)).toEqual([])
  })
})
