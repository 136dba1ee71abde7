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

  it('has all that was said in pieces, whatever it is called', () => {
    const token = (text: string) => ({ content: [{ token: text, logprob: -1 }], refusal: [{ token: text }] })
    const { choices } = whole(
      chunk({ content: 'Hel', audio: { id: 'x', data: 'AA', transcript: 'He' } }, { logprobs: token('Hel') }),
      chunk({ content: 'lo', audio: { id: 'x', data: 'BB', transcript: 'llo' } }, { logprobs: token('lo') }),
      chunk({ function_call: { name: 'f', arguments: '' } }, { logprobs: null }),
      chunk({ function_call: { name: 'f', arguments: '{"a":' } }),
      chunk({ function_call: { arguments: '1}' }, audio: { expires_at: 1 } }),
      chunk({ reasoning_details: [{ text: 'one ' }], annotations: [] }),
      chunk({ reasoning_details: [{ text: 'two' }], annotations: [{ type: 'url_citation' }] }),
      chunk({}, { finish_reason: 'stop', native_finish_reason: 'end' }),
      chunk({}, { finish_reason: null, native_finish_reason: 'end' }),
    )
    expect(choices).toEqual([
      {
        index: 0,
        message: {
          role: 'assistant',
          content: 'Hello',
          audio: { id: 'x', data: 'AABB', transcript: 'Hello', expires_at: 1 },
          function_call: { name: 'f', arguments: '{"a":1}' },
          reasoning_details: [{ text: 'one ' }, { text: 'two' }],
          annotations: [{ type: 'url_citation' }],
        },
        logprobs: {
          content: [
            { token: 'Hel', logprob: -1 },
            { token: 'lo', logprob: -1 },
          ],
          refusal: [{ token: 'Hel' }, { token: 'lo' }],
        },
        finish_reason: 'stop',
        native_finish_reason: 'end',
      },
    ])
  })

  it('has all of a call too, also of one that is no function, and its name once', () => {
    const call = (piece: object) => chunk({ tool_calls: [{ index: 0, ...piece }, { index: 1 }] })
    const custom = (piece: object) => chunk({ tool_calls: [{ index: 2, type: 'custom', custom: piece }] })
    const { choices } = whole(
      call({ id: 'a', function: { name: 'f', arguments: '{' }, extra_content: { google: { signature: 's' } } }),
      call({ id: 'a', type: 'function', function: { name: 'f', arguments: '}' } }),
      call({ id: '', function: { name: '', arguments: '' } }),
      custom({ name: 'g', input: 'one ' }),
      custom({ input: 'two' }),
    )
    expect(choices[0].message.tool_calls).toEqual([
      {
        id: 'a',
        type: 'function',
        function: { name: 'f', arguments: '{}' },
        extra_content: { google: { signature: 's' } },
      },
      { id: '', type: 'function', function: { name: '', arguments: '' } },
      { id: '', type: 'custom', custom: { name: 'g', input: 'one two' } },
    ])
  })

  it('takes as long for the last piece as for the first, whatever a model makes up', () => {
    const begin = performance.now()
    const completion = new Completion()
    for (let index = 0; index < 50_000; index++)
      completion.add({
        choices: [{ index: 0, delta: { tool_calls: [{ index }], [`f${index}`]: 1, list: [index] } }],
        [`field-${index}`]: 1,
      })
    expect(JSON.parse(JSON.stringify(completion)).choices[0].message.tool_calls).toHaveLength(50_000)
    // Where each piece went through those before it, this took minutes.
    expect(performance.now() - begin).toBeLessThan(5_000)
  })
})
