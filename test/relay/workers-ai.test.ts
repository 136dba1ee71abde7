import { describe, expect, it } from 'vitest'
import { Completion } from '../../src/relay/completion.ts'
import { type AiBinding, type ChatRequest, workersAi } from '../../src/relay.ts'
import { chunked, streamOf } from '../../src/testing.ts'
import { answered, asked } from './asking.ts'

const events = (...data: unknown[]): string =>
  data.map((value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`).join('')
/** Two bytes at a time: characters, lines and events are all cut. */
const answering = (text: string): ReadableStream<Uint8Array> => streamOf(chunked(text, [2]))
const calls: { model: string; inputs: Record<string, unknown> }[] = []
const binding = (answer: () => unknown): AiBinding => ({
  async run(model, inputs) {
    calls.push({ model, inputs })
    return answer()
  },
})
const MODEL = '@cf/meta/llama-3.1-8b-instruct'
const whole = async (answer: () => unknown, request: ChatRequest = asked('hi')) => {
  const completion = new Completion()
  for (const chunk of await answered(workersAi(binding(answer), MODEL), request)) completion.add(chunk)
  return JSON.parse(JSON.stringify(completion))
}

const chunk = (delta: object, finish_reason: string | null = null) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: MODEL,
  choices: [{ index: 0, delta, finish_reason }],
})
const USAGE = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }

describe('workersAi', () => {
  it('makes chunks of what older models stream', async () => {
    const text = events({ response: 'Grü' }, { response: 'ße 🦆' }, { response: '', usage: USAGE }, '[DONE]')
    expect(await whole(() => answering(text))).toEqual({
      id: expect.stringMatching(/^chatcmpl-/),
      object: 'chat.completion',
      created: expect.any(Number),
      model: MODEL,
      choices: [{ index: 0, message: { role: 'assistant', content: 'Grüße 🦆' }, finish_reason: 'stop' }],
    })
    const { usage } = await whole(() => answering(text), asked('hi', { stream_options: { include_usage: true } }))
    expect(usage).toEqual(USAGE)
  })

  it('passes the chunks of newer models on as they are', async () => {
    const chunks = [chunk({ role: 'assistant', content: 'a' }), chunk({ reasoning_content: 'b' }), chunk({}, 'stop')]
    const asking = workersAi(
      binding(() => answering(events(...chunks, '[DONE]'))),
      MODEL,
    )
    expect(await answered(asking, asked('hi'))).toEqual(chunks)
  })

  it('makes calls of tools of what older models say of them', async () => {
    const text = events({ tool_calls: [{ name: 'weather', arguments: { city: 'Bern' } }, { name: 'time' }] }, '[DONE]')
    const { choices } = await whole(() => answering(text))
    expect(choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        tool_calls: [
          { type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } },
          { type: 'function', function: { name: 'time', arguments: '{}' } },
        ],
      },
    })
  })

  it('asks by the name of the model alone, with all else as it was asked', async () => {
    await whole(
      () => answering(events({ response: 'x' }, '[DONE]')),
      asked('hi', { model: 'my/own', temperature: 0.5, stream: true }),
    )
    expect(calls.at(-1)).toEqual({ model: MODEL, inputs: { ...asked('hi'), temperature: 0.5, stream: true } })
  })

  it.each([
    ['an end without [DONE]', () => answering(events({ response: 'a' })), 'upstream-incomplete'],
    ['no JSON', () => answering(events('{"response"')), 'upstream-malformed'],
    ['neither of its shapes', () => answering(events({ text: 'a' })), 'upstream-malformed'],
    ['an error in the stream', () => answering(events({ error: 'x' })), 'upstream-failed'],
    ['no stream', () => ({ response: 'whole' }), 'upstream-malformed'],
    [
      'a refusal',
      () => {
        throw new Error('5007: No such model')
      },
      'upstream-refused',
    ],
  ])('fails, and does not look as if it ended, for %s', async (_, answer, code) => {
    await expect(whole(answer)).rejects.toMatchObject({ code })
  })

  it('gives up when it is silent for too long, and cancels what comes late', async () => {
    for (const timeouts of [{ firstByte: 20 }, { total: 20 }])
      await expect(
        answered(
          workersAi(
            binding(() => new ReadableStream()),
            MODEL,
            timeouts,
          ),
          asked('hi'),
        ),
      ).rejects.toMatchObject({ code: 'upstream-timeout' })
    const late = Promise.withResolvers<unknown>()
    const cancelled = Promise.withResolvers<void>()
    const asking = answered(
      workersAi(
        binding(() => late.promise),
        MODEL,
        { firstByte: 20 },
      ),
      asked('hi'),
    )
    await expect(asking).rejects.toMatchObject({ code: 'upstream-timeout' })
    late.resolve(new ReadableStream({ cancel: () => cancelled.resolve() }))
    await cancelled.promise
  })

  it('cancels its stream when nobody wants the answer any more, also while it is silent', async () => {
    const left = new AbortController()
    const cancelled = Promise.withResolvers<void>()
    const stream = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode(events({ response: 'a' }))),
      cancel: () => cancelled.resolve(),
    })
    const said = workersAi(
      binding(() => stream),
      MODEL,
    )(asked('hi'), { signal: left.signal })[Symbol.asyncIterator]()
    await said.next()
    const next = said.next()
    left.abort()
    await cancelled.promise
    // No clean finish either: whoever aborted knows.
    expect(await next).toEqual({ done: true, value: undefined })
  })
})
