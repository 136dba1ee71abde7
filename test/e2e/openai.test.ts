/** The package `openai` as people use it, and what docs/openai.md says of it. */
import OpenAI, { APIError, APIUserAbortError } from 'openai'
import type { RunnableToolFunctionWithParse } from 'openai/lib/RunnableFunction'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { digest } from '../../src/relay/answer.ts'
import { JWT_SECRET, tokenOf } from '../access/tokens.ts'
import { Page } from '../docs/page.ts'
import {
  answer,
  blockOf,
  brokenOff,
  chunkOf,
  done,
  failed,
  fin,
  finished,
  hold,
  raw,
  type Script,
  said,
  stall,
  stream,
} from '../upstream/script.ts'
import { cuttingNetwork } from './cutting-network.ts'
import { launch, type Server } from './launch.ts'
import { RelayBench } from './relay-bench.ts'

type Chunk = OpenAI.ChatCompletionChunk

const page = new Page('docs/openai.md', `openai-${inject('runtime')}`)
interface Recipes {
  connect(url: string, token: string): OpenAI
  ask(client: OpenAI, content: string, model?: string): AsyncGenerator<string>
  begin(client: OpenAI, content: string, enough: (text: string) => boolean): Promise<string>
  whole(client: OpenAI, question: object): AsyncGenerator<Chunk>
  stop(client: OpenAI, response: Response): Promise<void>
  reasonOf(error: unknown): string | undefined
}

let relay: RelayBench
let recipes: Recipes
beforeAll(async () => {
  relay = await RelayBench.launch()
  recipes = Object.assign({}, ...(await Promise.all(page.examples.map(({ file }) => import(file)))))
})
afterAll(() => relay.close())

const clientFor = (url: string, options: ConstructorParameters<typeof OpenAI>[0] = {}): OpenAI =>
  new OpenAI({ apiKey: 'none', baseURL: `${url}/v1`, maxRetries: 0, logLevel: 'off', ...options })
const client = (options: ConstructorParameters<typeof OpenAI>[0] = {}): OpenAI => clientFor(relay.server.url, options)

const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Say something' }]
const content = (chunk: Chunk): string => chunk.choices[0]?.delta.content ?? ''
const contents = (chunks: Chunk[]): string => chunks.map(content).join('')
const caught = (work: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(work).then(
    () => undefined,
    (error: unknown) => error,
  )
const read = async (model: string): Promise<Chunk[]> =>
  Array.fromAsync(await client().chat.completions.create({ model, messages, stream: true }))

/** How the room of an answer ended: what is wrong, or that nothing is. */
async function endOf(response: Response, headers: Record<string, string> = {}): Promise<string> {
  const reader = await relay.watch(response.headers.get('edge-sse-stream') ?? '', undefined, headers)
  await reader.untilEnd()
  expect(reader.events.at(-1)?.event).toBe('stream.end')
  return JSON.parse(reader.named('stream.error')[0]?.data ?? '{"code":"whole"}').code
}

describe('an answer', () => {
  it('comes piece by piece, each as soon as the model has said it', async () => {
    const model = relay.model([stream(), said('one '), hold(), said('two'), finished(), done(), fin()])
    const heard: Chunk[] = []
    for await (const chunk of await client().chat.completions.create({ model, messages, stream: true })) {
      heard.push(chunk)
      if (contents(heard) === 'one ') (await relay.upstream.called(model)).release()
    }
    expect(contents(heard)).toBe('one two')
    expect(heard.at(-1)?.choices[0]?.finish_reason).toBe('stop')
    for (const chunk of heard) expect(chunk).toMatchObject({ object: 'chat.completion.chunk', id: 'chatcmpl-scripted' })
  })

  it('is put together by .stream(), with what it has cost', async () => {
    const model = 'offline?tokens=4&pace=0'
    const answering = client().chat.completions.stream({ model, messages, stream_options: { include_usage: true } })
    const heard: string[] = []
    answering.on('content', (delta) => heard.push(delta))
    const whole = await answering.finalChatCompletion()
    expect(whole).toMatchObject({ object: 'chat.completion', choices: [{ message: { role: 'assistant' } }] })
    expect(whole.choices[0]?.message.content).toBe(heard.join(''))
    expect(heard).toHaveLength(4)
    expect(await answering.totalUsage()).toMatchObject({ completion_tokens: 4 })
  })

  it('comes in one piece where that is asked for, the same', async () => {
    const model = 'offline?tokens=6&pace=0'
    const { data, response } = await client().chat.completions.create({ model, messages }).withResponse()
    expect(response.headers.get('content-type')).toMatch(/^application\/json\b/)
    expect(data).toMatchObject({ object: 'chat.completion', usage: { completion_tokens: 6 } })
    expect(data.choices[0]).toMatchObject({ finish_reason: 'length', message: { role: 'assistant' } })
    expect(data.choices[0]?.message.content).toBe(contents(await read(model)))
    expect(await endOf(response)).toBe('whole')
  })

  it('says what it has cost to whoever wants to know, and to nobody else', async () => {
    const model = 'offline?tokens=2&pace=0'
    expect((await read(model)).every(({ choices }) => choices.length === 1)).toBe(true)
    const heard: Chunk[] = []
    const asked = { model, messages, stream: true, stream_options: { include_usage: true } } as const
    for await (const chunk of await client().chat.completions.create(asked)) heard.push(chunk)
    expect(heard.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 2 } })
  })

  it('says what the model thinks before it speaks', async () => {
    const model = 'offline?reasoning=1&pace=0'
    type Thinking = { reasoning_content?: string }
    const said = (await read(model)).map(({ choices }) => choices[0]?.delta as Thinking & { content?: string })
    const thoughts = said.filter(({ reasoning_content: thought }) => thought !== undefined)
    expect(thoughts.length).toBeGreaterThan(1)
    expect(said.slice(0, thoughts.length)).toEqual(thoughts)
    const whole = await client().chat.completions.create({ model, messages })
    const { reasoning_content: thought } = (whole.choices[0]?.message ?? {}) as Thinking
    expect(thought).toBe(thoughts.map(({ reasoning_content }) => reasoning_content).join(''))
  })

  it('is of one of the models that are listed', async () => {
    const ids = (await Array.fromAsync(client().models.list())).map(({ id }) => id)
    expect(ids).toContain('offline')
    expect(ids.length).toBeGreaterThan(1)
  })
})

describe('tools', () => {
  const tools: OpenAI.ChatCompletionFunctionTool[] = [
    {
      type: 'function',
      function: {
        name: 'weather',
        parameters: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } } },
      },
    },
  ]
  const question = { model: 'offline?pace=0', tools, messages: [{ role: 'user', content: 'weather?' }] } as const
  const called = {
    type: 'function',
    function: { name: 'weather', arguments: '{"city":"weather?","days":7}' },
  }

  it('are called alike in a stream, by its helper, and in one piece', async () => {
    const pieces: string[] = []
    const calls = await client().chat.completions.create({
      ...question,
      messages: [...question.messages],
      stream: true,
    })
    for await (const { choices } of calls) pieces.push(choices[0]?.delta.tool_calls?.[0]?.function?.arguments ?? '')
    expect(pieces.filter((piece) => piece !== '').length).toBeGreaterThan(1)
    expect(pieces.join('')).toBe(called.function.arguments)
    const helped = client().chat.completions.stream({ ...question, messages: [...question.messages] })
    const pieced = client().chat.completions.create({ ...question, messages: [...question.messages] })
    for (const { choices } of [await helped.finalChatCompletion(), await pieced]) {
      expect(choices[0]?.finish_reason).toBe('tool_calls')
      expect(choices[0]?.message.tool_calls).toMatchObject([called])
      expect(choices[0]?.message.tool_calls).toHaveLength(1)
    }
  })

  it('are run by runTools, and the model goes on with what came of it', async () => {
    const asked: unknown[] = []
    const weather: RunnableToolFunctionWithParse<object> = {
      type: 'function',
      function: {
        name: 'weather',
        description: 'The weather in a city',
        parameters: { type: 'object', properties: { city: { type: 'string' } } },
        parse: JSON.parse,
        function(input) {
          asked.push(input)
          return 'sun and wind'
        },
      },
    }
    const { model } = question
    const runner = client().chat.completions.runTools({
      model,
      stream: true,
      messages: [...question.messages],
      tools: [weather],
    })
    expect(await runner.finalContent()).toContain('sun and wind')
    expect(asked).toEqual([{ city: 'weather?' }])
  })
})

describe('whoever leaves', () => {
  const script: Script = [stream(), raw(blockOf(chunkOf({ role: 'assistant', content: 'one' }))), stall()]

  it.each<[how: string, leave: (chunks: { controller: AbortController }, mine: AbortController) => unknown]>([
    ['breaks out of the loop', () => true],
    ['aborts the stream', ({ controller }) => controller.abort()],
    ['aborts the signal that was given', (_, mine) => mine.abort()],
  ])('and %s stops the model, without an error', async (_, leave) => {
    const model = relay.model(script)
    const mine = new AbortController()
    const { data: chunks, response } = await client()
      .chat.completions.create({ model, messages, stream: true }, { signal: mine.signal })
      .withResponse()
    const call = await relay.upstream.called(model)
    for await (const chunk of chunks) if (content(chunk) === 'one' && leave(chunks, mine) === true) break
    await call.closed
    expect(await endOf(response)).toBe('producer-stopped')
  })

  it('by .abort() of .stream() stops the model, and is told that it was', async () => {
    const model = relay.model(script)
    const answering = client().chat.completions.stream({ model, messages })
    answering.on('content', () => answering.abort())
    const call = await relay.upstream.called(model)
    expect(await caught(answering.finalChatCompletion())).toBeInstanceOf(APIUserAbortError)
    await call.closed
  })

  it('before the first piece stops the model', async () => {
    const model = relay.model([stall()])
    const mine = new AbortController()
    const asking = client().chat.completions.create({ model, messages, stream: true }, { signal: mine.signal })
    const heard = asking.then((chunks) => Array.fromAsync(chunks))
    const call = await relay.upstream.called(model)
    mine.abort()
    // It may have the head of the answer by now.
    expect((await caught(heard)) ?? new APIUserAbortError()).toBeInstanceOf(APIUserAbortError)
    await call.closed
  })
})

describe('what went wrong', () => {
  const asking = (body: object, options: object = {}): Promise<unknown> =>
    caught(client().chat.completions.create({ model: 'offline', messages, stream: true, ...body } as never, options))

  it.each<[what: string, body: object, OpenAIError: unknown, status: number, code: string, message: RegExp]>([
    [
      'an unknown model',
      { model: 'gpt-7' },
      OpenAI.NotFoundError,
      404,
      'unknown-provider',
      /^404 .*no model of that name/,
    ],
    [
      'an upstream of one’s own',
      { base_url: 'http://x' },
      OpenAI.BadRequestError,
      400,
      'unknown-provider',
      /^400 .*not for the request/,
    ],
    ['no messages', { messages: [] }, OpenAI.BadRequestError, 400, 'invalid-parameter', /^400 .*messages/],
    [
      'a model that is busy',
      { model: 'offline?fail=rate-limited' },
      OpenAI.RateLimitError,
      429,
      'upstream-busy',
      /^429 .*too much/,
    ],
    [
      'a model that is away',
      { model: 'offline?fail=refused' },
      OpenAI.InternalServerError,
      502,
      'upstream-refused',
      /^502 .*reached/,
    ],
  ])('before the first piece is thrown by its status: %s', async (_, body, OpenAIError, status, code, message) => {
    for (const streams of [{ stream: true }, { stream: false }]) {
      const error = await asking({ ...body, ...streams })
      expect(error).toBeInstanceOf(OpenAIError)
      expect(error).toMatchObject({ status, code, message: expect.stringMatching(message), type: expect.any(String) })
    }
  })

  it.each<[how: string, rest: Script, code: string]>([
    ['fails', [raw(blockOf({ error: { message: 'overloaded' } })), fin()], 'upstream-failed'],
    ['breaks off', [brokenOff()], 'upstream-reset'],
    ['ends without [DONE]', [fin()], 'upstream-incomplete'],
    ['sends what is no chunk', [raw('data: {\n\n'), fin()], 'upstream-malformed'],
  ])('in the middle is thrown from the loop where the model %s', async (_, rest, code) => {
    const model = relay.model([stream(), said('one'), hold(), ...rest])
    const heard: Chunk[] = []
    const reading = async (): Promise<void> => {
      for await (const chunk of await client().chat.completions.create({ model, messages, stream: true })) {
        heard.push(chunk)
        ;(await relay.upstream.called(model)).release()
      }
    }
    const error = await caught(reading())
    expect(contents(heard)).toBe('one')
    expect(error).toBeInstanceOf(APIError)
    expect(error).toMatchObject({ status: undefined, code, message: expect.stringMatching(/^Cannot answer: /) })
    expect(recipes.reasonOf(error)).toBe(code)
    const helped = caught(client().chat.completions.stream({ model, messages }).finalChatCompletion())
    ;(await relay.upstream.called(model, 2)).release()
    expect(await helped).toMatchObject({ code })
    const pieced = caught(client().chat.completions.create({ model, messages }))
    ;(await relay.upstream.called(model, 3)).release()
    expect(await pieced).toBeInstanceOf(OpenAI.InternalServerError)
    expect(await pieced).toMatchObject({ status: 502, code })
  })

  it('says so to whoever reads an answer that is stopped', async () => {
    const model = relay.model([stream(), said('one'), stall()])
    const { data: chunks, response } = await client()
      .chat.completions.create({ model, messages, stream: true })
      .withResponse()
    const reading = async (): Promise<void> => {
      for await (const chunk of chunks) if (content(chunk) === 'one') await recipes.stop(client(), response)
    }
    expect(await caught(reading())).toMatchObject({ code: 'producer-stopped' })
    await (await relay.upstream.called(model)).closed
  })
})

describe('asked again', () => {
  const key = { headers: { 'Idempotency-Key': 'question-1' } }

  it('with a key it is the same answer, and one call of the model', async () => {
    const model = relay.model(answer('one', ' two'))
    const asked = { model, messages, stream: true } as const
    const texts = await Promise.all(
      [1, 2, 3].map(async () => contents(await Array.fromAsync(await client().chat.completions.create(asked, key)))),
    )
    expect(texts).toEqual(['one two', 'one two', 'one two'])
    expect(relay.upstream.callsOf(model)).toHaveLength(1)
    const other = caught(client().chat.completions.create({ ...asked, temperature: 0 }, key))
    expect(await other).toBeInstanceOf(OpenAI.UnprocessableEntityError)
    expect(await other).toMatchObject({ code: 'idempotency-conflict' })
  })

  it('by the package, because the model was away, it is a new answer', async () => {
    const model = relay.model(failed(503, 'away'), 'strict')
    const asking = client({ maxRetries: 1 }).chat.completions.create({ model, messages, stream: true })
    await relay.upstream.called(model)
    relay.upstream.play(model, answer('one'))
    expect(contents(await Array.fromAsync(await asking))).toBe('one')
    expect(relay.upstream.callsOf(model)).toHaveLength(2)
  })

  it('with a key it is not, once that answer has failed', async () => {
    const model = relay.model(failed(503, 'away'), 'strict')
    const { headers } = { headers: { 'Idempotency-Key': 'question-2' } }
    const asking = client({ maxRetries: 5 }).chat.completions.create({ model, messages, stream: true }, { headers })
    const error = await caught(asking)
    expect(error).toMatchObject({ status: 502, code: 'upstream-refused' })
    expect(recipes.reasonOf(error)).toBe('upstream-refused')
    expect(relay.upstream.callsOf(model)).toHaveLength(1)
  })

  it.each([true, false])('it is not, where it was stopped (stream: %s)', async (streams) => {
    const model = relay.model([stall()], 'strict')
    const key = `stopped-${streams}`
    const given = { headers: { 'Idempotency-Key': key } }
    const asking = client({ maxRetries: 5 }).chat.completions.create({ model, messages, stream: streams }, given)
    const refused = caught(asking)
    const call = await relay.upstream.called(model)
    expect((await relay.stop(await digest(key))).status).toBe(204)
    await call.closed
    expect(await refused).toBeInstanceOf(OpenAI.ConflictError)
    expect(await refused).toMatchObject({ status: 409, code: 'producer-stopped' })
    expect(((await refused) as APIError).headers?.get('x-should-retry')).toBe('false')
    expect(relay.upstream.callsOf(model)).toHaveLength(1)
  })

  it('after its first piece it is not, by the package', async () => {
    const model = relay.model([stream(), said('one'), hold(), brokenOff()])
    const reading = async (): Promise<void> => {
      for await (const _ of await client({ maxRetries: 5 }).chat.completions.create({ model, messages, stream: true }))
        (await relay.upstream.called(model)).release()
    }
    expect(await caught(reading())).toMatchObject({ code: 'upstream-reset' })
    expect(relay.upstream.callsOf(model)).toHaveLength(1)
  })
})

describe('with tokens', () => {
  let guarded: Server
  const SECRET = 'open-sesame-41-open-sesame-41-open-sesame-41'
  beforeAll(async () => {
    const vars = { EDGE_SSE_JWT_SECRET: JWT_SECRET, EDGE_SSE_SECRET: SECRET, EDGE_SSE_MAX_ROOMS_PER_SUBJECT: '1' }
    guarded = await launch(vars)
  })
  afterAll(() => guarded.close())
  const ask = (apiKey: string): Promise<unknown> => {
    const asked = { model: 'offline?tokens=1', messages }
    return caught(clientFor(guarded.url, { apiKey }).chat.completions.create(asked))
  }

  it('lets in who brings one, or the secret, and tells others why not in a sentence', async () => {
    const claims = (can: string[]) => tokenOf({ claims: { sub: 'ada', can, rooms: undefined } })
    expect(await ask(SECRET)).toBe(undefined)
    expect(await ask(await claims(['answer']))).toBe(undefined)
    const stranger = await ask('sk-somebody')
    expect(stranger).toBeInstanceOf(OpenAI.AuthenticationError)
    expect(stranger).toMatchObject({
      status: 401,
      code: 'unauthorized',
      message: expect.stringMatching(/^401 [A-Z][^{]+$/),
    })
    const reader = await ask(await claims(['subscribe']))
    expect(reader).toBeInstanceOf(OpenAI.PermissionDeniedError)
    expect(reader).toMatchObject({ code: 'forbidden', message: expect.stringMatching(/^403 [A-Z][^{]+$/) })
    const busy = await ask(await claims(['answer']))
    expect(busy).toBeInstanceOf(OpenAI.RateLimitError)
    expect(busy).toMatchObject({ code: 'rate-limited', message: expect.stringMatching(/^429 [A-Z][^{]+$/) })
    expect(Number((busy as APIError).headers?.get('retry-after'))).toBeGreaterThan(0)
    expect([stranger, reader, busy].map(recipes.reasonOf)).toEqual(['unauthorized', 'forbidden', undefined])
  })
})

describe('docs/openai.md', () => {
  it('asks, and gets the text as it comes', async () => {
    const model = relay.model(answer('one ', 'two'))
    const texts = await Array.fromAsync(recipes.ask(recipes.connect(relay.server.url, 'none'), 'hello', model))
    expect(texts.join('')).toBe('one two')
    expect((await relay.upstream.called(model)).body.messages).toEqual([{ role: 'user', content: 'hello' }])
  })

  it('begins, and stops when it has enough', async () => {
    const text = await recipes.begin(client(), 'hello', (so) => so.length > 10)
    expect(text).toMatch(/^I am the off/)
    expect(text).not.toContain('hello')
  })

  it.each(['fin', 'reset'] as const)('keeps an answer whose connection breaks by %s, each chunk once', async (how) => {
    const model = relay.model([stream(), said('one '), said('two '), hold(), said('three'), finished(), done(), fin()])
    // Cut after so many bytes of the stream, then after more of it.
    const network = await cuttingNetwork(relay.server.port, '/v1/chat/completions', [200, 700, 1_100], how, ['POST'])
    const heard: Chunk[] = []
    for await (const chunk of recipes.whole(clientFor(network.url, { maxRetries: 2 }), { model, messages })) {
      heard.push(chunk)
      if (contents(heard) === 'one two ') (await relay.upstream.called(model)).release()
    }
    network.close()
    expect(contents(heard)).toBe('one two three')
    expect(heard.filter(({ choices }) => choices[0]?.finish_reason)).toHaveLength(1)
    expect(relay.upstream.callsOf(model)).toHaveLength(1)
    expect(network.asked.length).toBe(4)
  })

  it('does not keep on where the model has failed', async () => {
    const model = relay.model([stream(), said('one'), brokenOff()])
    const error = await caught(Array.fromAsync(recipes.whole(client(), { model, messages })))
    expect(error).toMatchObject({ code: 'upstream-reset' })
    expect(relay.upstream.callsOf(model)).toHaveLength(1)
  })

  it('tells no reason where asking again may help', async () => {
    const nobody = clientFor('http://127.0.0.1:1')
    const error = await caught(nobody.chat.completions.create({ model: 'offline', messages }))
    expect(recipes.reasonOf(error)).toBe(undefined)
    expect(() => recipes.reasonOf(new Error('mine'))).toThrow('mine')
  })
})
