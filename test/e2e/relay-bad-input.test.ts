/**
 * Rows 46 to 49, and 73 for the routes of models, of the corpus of bad input, with a publisher and a reader beside them. What
 * becomes of the answers of 47 and 48 is in relay-faults.test.ts.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { JWT_SECRET, tokenOf } from '../access/tokens.ts'
import { answer, hold, said, stall, stream } from '../upstream/script.ts'
import { ScriptedUpstream } from '../upstream/scripted-upstream.ts'
import { AnswerReader } from './answer-reader.ts'
import { type RawResponse, request } from './raw-socket.ts'
import { as, CANARY, expectRefusal, type Refusal } from './refusal.ts'
import { RefusingServer } from './refusing-server.ts'
import { KEY, RelayBench } from './relay-bench.ts'
import { expectFailure, expectWhole, STATUS } from './relay-failure.ts'
import { early, late } from './relay-fault-table.ts'

let relay: RelayBench
/** The same server, as those who must not notice anything know it. */
let server: RefusingServer
/** What a caller, or a model's server, would like to be asked instead. */
const elsewhere = await ScriptedUpstream.start()
const bearerOf = async (sub: string): Promise<Record<string, string>> => ({
  Authorization: `Bearer ${await tokenOf({ claims: { sub, can: ['answer'], rooms: { '*': ['answer', 'publish', 'subscribe'] } } })}`,
})
let ada: Record<string, string>
let eve: Record<string, string>
beforeAll(async () => {
  ;[ada, eve] = [await bearerOf('ada'), await bearerOf('eve')]
  const beside = await bearerOf('beside')
  const vars = { EDGE_SSE_JWT_SECRET: JWT_SECRET, EDGE_SSE_MAX_PUBLISHES_PER_SUBJECT: '1000' }
  relay = await RelayBench.launch(vars, ada)
  server = await RefusingServer.at(relay.server, beside)
})
afterAll(async () => {
  await server.close()
  await relay.upstream.close()
  await elsewhere.close()
})

/** A refusal as everywhere; on these routes it may tell OpenAI's clients in their own way too. */
function expectProblem(response: RawResponse, refusal: Refusal): void {
  const { error, ...problem } = JSON.parse(String(response.body))
  expectRefusal({ ...response, body: Buffer.from(JSON.stringify(problem)) }, refusal)
  if (error !== undefined)
    expect(error).toEqual({ message: problem.detail, type: expect.any(String), code: refusal.slug, param: null })
}

/** Sends what has to be refused; the log has a line for it. */
async function refuse(bytes: Uint8Array, refusal: Refusal, path: string): Promise<void> {
  expectProblem(await server.send(bytes), refusal)
  await server.logs(refusal, path.replace(/\?.*/, ''))
}

const asking: [path: string, body: Record<string, unknown>][] = [
  ['/v1/chat/completions', { messages: [{ role: 'user', content: 'x' }] }],
  ['/chat/stream', { messages: [{ role: 'user', content: 'x' }] }],
  ['/server/send?room=chat', { messages: [{ role: 'user', content: 'x' }] }],
  ['/api/chat', { id: 'c1', messages: [{ id: 'q1', role: 'user', parts: [{ type: 'text', text: 'x' }] }] }],
]
const post = (path: string, body: object, type = 'application/json'): Uint8Array =>
  request('POST', path, { ...ada, 'Content-Type': type }, JSON.stringify(body))
/** Nothing stands in the room, or the chat, that was asked in. */
async function expectNothingBegun(): Promise<void> {
  await refuse(request('GET', '/rooms/chat', ada), as(404, 'room-not-found'), '/rooms/chat')
  expect((await server.send(request('GET', '/api/chat/c1/stream', ada))).status).toBe(204)
}

describe.each(asking)('46: %s', (path, body) => {
  it('with an upstream of its own is refused, and that is not asked', async () => {
    const model = relay.model(answer('one'))
    const url = elsewhere.baseUrl
    for (const own of [
      { base_url: url },
      { baseURL: url },
      { baseUrl: url },
      { api_base: url },
      { api_key: CANARY },
      { provider: url },
      { provider: { base_url: url } },
      { models: ['another'] },
      { fallbacks: [{ model: 'another', api_base: url }] },
      { litellm_params: { api_base: url } },
      { user_config: { model_list: [] } },
      { base_url: null },
    ])
      await refuse(post(path, { model, ...body, ...own }), as(400, 'unknown-provider'), path)
    expect(relay.upstream.callsOf(model)).toEqual([])
    expect(elsewhere.connections).toBe(0)
    await expectNothingBegun()
  })

  it('with a model that is not there is 404, whatever it looks like', async () => {
    for (const model of [CANARY, elsewhere.baseUrl, `${elsewhere.baseUrl}/patient-1`, '__proto__', 'constructor', ' '])
      await refuse(post(path, { ...body, model }), as(404, 'unknown-provider'), path)
    expect(elsewhere.connections).toBe(0)
    await expectNothingBegun()
  })
})

const failing = ['302 to a private address', 'no first byte', 'a reset in mid-token', 'a line without end']
const faults = [...early(`${elsewhere.baseUrl}/chat/completions`), ...late].filter(({ name }) => failing.includes(name))
describe.each(faults)('47 and 48: $name', ({ code, script, said: parts, provider = 'strict' }) => {
  it('is a line in the log for the work that failed, and one for a request that was refused with it', async () => {
    const before = parts ? [stream(), ...parts.map(said), hold()] : []
    const model = relay.model([...before, ...script], provider)
    const asked = relay.ask(model)
    const call = await relay.upstream.called(model)
    call.release()
    const reader = await asked
    await reader.untilEnd()
    expectFailure(reader, code)
    await call.closed
    expect([relay.upstream.callsOf(model).length, elsewhere.connections]).toEqual([1, 0])
    await server.logsFailure('producer-failed')
    if (reader.head.status !== 200) await server.logs(as(STATUS[code], code), '/v1/chat/completions')
  })
})

describe('49: the answer of another subject', () => {
  it('is not to be found, while it runs and when it is over, by any route', async () => {
    const model = relay.model([stream(), said('mine'), hold(), ...answer('one').slice(1)])
    const reader = await relay.ask(model, { body: { on_disconnect: 'continue' } })
    await reader.untilSaid('mine')
    const expectAbsent = async (): Promise<void> => {
      const hers = relay.model(answer('hers'))
      const path = `/chat/${reader.answer}`
      const absent = '/chat/nothing-of-that-name/events'
      for (const [bytes, at] of [
        [request('GET', `${path}/events`, eve), `${path}/events`],
        [request('GET', `${path}/events`, { ...eve, 'Last-Event-ID': reader.lastId ?? '' }), `${path}/events`],
        [request('DELETE', path, eve), path],
        [relay.question(hers, { headers: eve, lastEventId: reader.lastId }), '/v1/chat/completions'],
        [request('GET', absent, eve), absent],
      ] as const)
        await refuse(bytes, as(404, 'not-found'), at)
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
  it.each(asking)('is 415 at %s', async (path, body) => {
    const model = relay.model([stall()])
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
      await refuse(post(path, { model, ...body }, type), as(415, 'unsupported-media-type'), path)
    expect(relay.upstream.callsOf(model)).toEqual([])
    await expectNothingBegun()
  })
})

describe('all of it', () => {
  it('leaves everybody else alone: they lost and repeated nothing', () => server.expectNobodyNoticed())

  it('is one line of JSON in the log, and nothing else is', () => {
    server.expectOneLineEach()
    for (const line of relay.server.logs) expect(line).not.toContain(KEY)
  })
})
