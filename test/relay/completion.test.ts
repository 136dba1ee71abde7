import { describe, expect, it } from 'vitest'
import { Completion } from '../../src/relay/completion.ts'
import type { Chunk, Delta } from '../../src/relay.ts'

const chunk = (delta: Delta, more: object = {}, index = 0): Chunk => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index, delta, finish_reason: null, ...more }],
})
const whole = (...chunks: Chunk[]) => {
  const completion = new Completion()
  for (const each of chunks) completion.add(each)
  return JSON.parse(JSON.stringify(completion))
}

describe('Completion', () => {
  it('puts text, thoughts and a refusal together', () => {
    const pieces = [
      chunk({ role: 'assistant', content: '' }),
      chunk({ reasoning_content: 'h' }),
      chunk({ reasoning_content: 'm' }),
    ]
    expect(
      whole(...pieces, chunk({ content: 'Hel' }), chunk({ content: 'lo' }), chunk({}, { finish_reason: 'stop' })),
    ).toEqual({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [
        { index: 0, message: { role: 'assistant', content: 'Hello', reasoning_content: 'hm' }, finish_reason: 'stop' },
      ],
    })
    expect(whole(chunk({ refusal: 'I ' }), chunk({ refusal: 'will not' })).choices[0].message).toEqual({
      role: 'assistant',
      content: null,
      refusal: 'I will not',
    })
  })

  it('puts calls of tools together by their index, whatever else comes between', () => {
    const { choices } = whole(
      chunk({ tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'weather', arguments: '' } }] }),
      chunk({ tool_calls: [{ index: 1, id: 'b', type: 'function', function: { name: 'time', arguments: '{' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] }),
      chunk({ tool_calls: [{ index: 1, function: { arguments: '}' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '"Bern"}' } }] }),
    )
    expect(choices[0].message.tool_calls).toEqual([
      { id: 'a', type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } },
      { id: 'b', type: 'function', function: { name: 'time', arguments: '{}' } },
    ])
  })

  it('tells calls apart whose index is left out, by their ids', () => {
    const { choices } = whole(
      chunk({ tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{"x"' } }] }),
      chunk({ tool_calls: [{ function: { arguments: ':1}' } }] }),
      chunk({ tool_calls: [{ id: 'b', function: { name: 'g', arguments: '{}' } }] }),
      chunk({ tool_calls: [{ id: 'a', function: { arguments: ' ' } }] }),
    )
    expect(choices[0].message.tool_calls).toMatchObject([
      { id: 'a', function: { name: 'f', arguments: '{"x":1} ' } },
      { id: 'b', function: { name: 'g', arguments: '{}' } },
    ])
  })

  it('keeps choices apart, in order, and what was used', () => {
    const { choices, usage } = whole(chunk({ content: 'b' }, {}, 1), chunk({ content: 'a' }, {}, 0), {
      choices: [],
      usage: { total_tokens: 2 },
    })
    expect(choices.map(({ message }: { message: { content: string } }) => message.content)).toEqual(['a', 'b'])
    expect(usage).toEqual({ total_tokens: 2 })
  })

  it('is made of what was added, where all of it so far is said beside', () => {
    const so = (content: string) => ({ message: { role: 'assistant', content } })
    const { choices } = whole(chunk({ content: 'Hel' }, so('Hel')), chunk({ content: 'lo' }, so('Hello')))
    expect(choices[0].message).toEqual({ role: 'assistant', content: 'Hello' })
    expect(whole(chunk({ content: 'a' }, { message: 'none' })).choices[0].message.content).toBe('a')
  })

  it('takes as long for the last piece as for the first, whatever a model makes up', () => {
    const begin = performance.now()
    const completion = new Completion()
    for (let index = 0; index < 50_000; index++)
      completion.add({ choices: [{ index: 0, delta: { tool_calls: [{ index }] } }], [`field-${index}`]: 1 })
    expect(JSON.parse(JSON.stringify(completion)).choices[0].message.tool_calls).toHaveLength(50_000)
    // Where each piece went through those before it, this took minutes.
    expect(performance.now() - begin).toBeLessThan(5_000)
  })
})
