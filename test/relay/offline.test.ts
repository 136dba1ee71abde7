import { describe, expect, it } from 'vitest'
import { Completion } from '../../src/relay/completion.ts'
import { offlineParameters } from '../../src/relay/offline.ts'
import { type ChatRequest, offline } from '../../src/relay.ts'
import { answered, asked } from './asking.ts'

const whole = async (request: ChatRequest) => {
  const completion = new Completion()
  for (const chunk of await answered(offline, request)) completion.add(chunk)
  return JSON.parse(JSON.stringify(completion))
}
const fast = (query = ''): string => `offline?pace=0${query && `&${query}`}`

describe('offline', () => {
  it('gives the same answer to the same question, which says what it is and what was asked', async () => {
    const [one, two] = [await whole(asked('hello', { model: fast() })), await whole(asked('hello', { model: fast() }))]
    expect(one.choices).toEqual(two.choices)
    expect(one.choices).toMatchObject([{ message: { role: 'assistant' }, finish_reason: 'stop' }])
    expect(one.choices[0].message.content).toMatch(/^I am the offline model of edge-sse.*“hello”/)
    expect(one.choices[0].message.content).toMatch(/\P{ASCII}/u)
  })

  it.each([1, 5, 300])('has so many pieces: %i', async (tokens) => {
    const chunks = await answered(offline, asked('hello', { model: fast(`tokens=${tokens}`) }))
    expect(chunks.filter(({ choices }) => choices[0]?.delta?.content)).toHaveLength(tokens)
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('length')
    expect(chunks[0]?.choices[0]?.delta?.role).toBe('assistant')
  })

  it('stops at what it may say at most', async () => {
    for (const limit of [{ max_tokens: 3 }, { max_completion_tokens: 3 }]) {
      const { choices } = await whole(asked('hello', { model: fast(), ...limit }))
      expect(choices).toMatchObject([{ message: { content: 'I am the' }, finish_reason: 'length' }])
    }
  })

  it('says what it has used where that was asked for', async () => {
    const { usage } = await whole(
      asked('two words', { model: fast('tokens=4'), stream_options: { include_usage: true } }),
    )
    expect(usage).toEqual({ prompt_tokens: 2, completion_tokens: 4, total_tokens: 6 })
    expect(await whole(asked('two words', { model: fast('tokens=4') }))).not.toHaveProperty('usage')
  })

  it('thinks first where that was asked for', async () => {
    const { choices } = await whole(asked('hello', { model: fast('reasoning=1') }))
    expect(choices[0].message).toMatchObject({ reasoning_content: expect.stringMatching(/^What was asked/) })
  })

  it('calls a tool that is named or due, with something for each parameter, and speaks of its result', async () => {
    const parameters = {
      properties: { city: { type: 'string' }, days: { type: 'integer' }, rain: { type: 'boolean' } },
    }
    const tools = [{ type: 'function', function: { name: 'weather', parameters } }]
    for (const request of [
      asked('weather in Bern', { model: fast(), tools }),
      asked('Bern', { model: fast(), tools, tool_choice: 'required' }),
      asked('Bern', { model: fast(), tools, tool_choice: { type: 'function', function: { name: 'weather' } } }),
    ]) {
      const { choices } = await whole(request)
      expect(choices[0]).toMatchObject({
        finish_reason: 'tool_calls',
        message: {
          content: null,
          tool_calls: [{ id: 'call_offline', type: 'function', function: { name: 'weather' } }],
        },
      })
      const { arguments: given } = choices[0].message.tool_calls[0].function
      expect(JSON.parse(given)).toEqual({ city: request.messages[0]?.content, days: 7, rain: true })
    }
    for (const more of [{ tools }, { tools, tool_choice: 'none' }])
      expect((await whole(asked('Bern', { model: fast(), ...more }))).choices[0].finish_reason).toBe('stop')
    const result = { role: 'tool', tool_call_id: 'call_offline', content: 'sunny' }
    const { choices } = await whole({ model: fast(), tools, messages: [{ role: 'user', content: 'weather' }, result] })
    expect(choices[0].message.content).toBe('The tool said: sunny')
  })

  it.each([
    ['refused', 'upstream-refused'],
    ['rate-limited', 'upstream-busy'],
    ['reset', 'upstream-reset'],
    ['error', 'upstream-failed'],
  ])('fails as it is asked to: %s', async (fail, code) => {
    for (const after of [0, 3]) {
      const chunks: string[] = []
      const asking = async (): Promise<void> => {
        const { signal } = new AbortController()
        for await (const chunk of offline(asked('x', { model: fast(`fail=${fail}&after=${after}`) }), { signal }))
          chunks.push(chunk)
      }
      await expect(asking()).rejects.toMatchObject({ code })
      expect(chunks).toHaveLength(after)
    }
  })

  it.each(['offline?pace=60000', 'offline?fail=silence&after=1'])(
    'ends at once when nobody wants it: %s',
    async (model) => {
      const left = new AbortController()
      const chunks = offline(asked('x', { model }), { signal: left.signal })[Symbol.asyncIterator]()
      expect((await chunks.next()).done).toBe(false)
      const next = chunks.next()
      left.abort()
      expect(await next).toEqual({ done: true, value: undefined })
    },
  )
})

describe('offlineParameters', () => {
  it.each(['offline', 'offline?', 'offline?tokens=10000&pace=60000&fail=reset&after=0&reasoning=1'])(
    'takes %s',
    (name) => {
      expect(offlineParameters(name)).toBeDefined()
    },
  )

  it.each([
    'online',
    'offline2',
    'offline?tokens=10001',
    'offline?tokens=-1',
    'offline?tokens=1e3',
    'offline?pace=60001',
    'offline?pace=',
    'offline?fail=toString',
    'offline?speed=1',
    ' offline',
    'https://offline?tokens=1',
  ])('refuses %s', (name) => {
    expect(offlineParameters(name)).toBeUndefined()
  })

  it('answers at once, whatever it is asked', async () => {
    const long = { model: fast('tokens=1'), stream_options: { include_usage: true } }
    const tools = Array.from({ length: 20_000 }, () => ({ type: 'function', function: { name: 'aaaaaab' } }))
    const empty = [{ type: 'function', function: { name: 'a', parameters: { properties: { any: null } } } }]
    const begin = performance.now()
    await answered(offline, asked(' '.repeat(1_000_000), long))
    await answered(offline, asked('a'.repeat(500_000), { ...long, tools }))
    const [, ...pieces] = await answered(offline, asked('a', { ...long, tools: empty }))
    expect(pieces[0]?.choices[0]?.delta?.tool_calls).toEqual([{ index: 0, function: { arguments: '{"any":null}' } }])
    // Where space is looked through from each of its places, and every tool looked for everywhere, this took minutes.
    expect(performance.now() - begin).toBeLessThan(5_000)
  })
})
