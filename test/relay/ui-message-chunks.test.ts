import { describe, expect, it } from 'vitest'
import { UiMessageChunks } from '../../src/relay/ui-message-chunks.ts'
import type { Chunk, Delta } from '../../src/relay.ts'

const chunk = (delta: Delta, finish_reason: string | null = null, more: object = {}): Chunk => ({
  choices: [{ index: 0, delta, finish_reason }],
  ...more,
})
const all = (...chunks: Chunk[]) => {
  const parts = new UiMessageChunks()
  return [...chunks.flatMap((each) => [...parts.add(each)]), ...parts.finish()]
}
const call = (index: number, more: object, given = '') => ({ index, ...more, function: { arguments: given, ...more } })

describe('UiMessageChunks', () => {
  it('ends the thinking before the text begins, and the text before the end', () => {
    expect(
      all(
        chunk({ role: 'assistant', content: '' }),
        chunk({ reasoning_content: 'hm' }),
        chunk({ content: 'Hel' }),
        chunk({ content: 'lo' }),
        chunk({}, 'stop'),
        { choices: [], usage: { total_tokens: 3 } },
      ),
    ).toEqual([
      { type: 'reasoning-start', id: '0' },
      { type: 'reasoning-delta', id: '0', delta: 'hm' },
      { type: 'reasoning-end', id: '0' },
      { type: 'text-start', id: '1' },
      { type: 'text-delta', id: '1', delta: 'Hel' },
      { type: 'text-delta', id: '1', delta: 'lo' },
      { type: 'text-end', id: '1' },
      { type: 'finish-step' },
      { type: 'finish', finishReason: 'stop', messageMetadata: { usage: { total_tokens: 3 } } },
    ])
  })

  it('offers a call when all of its arguments are there, also two at once, and says what is no JSON', () => {
    expect(
      all(
        chunk({ tool_calls: [call(0, { id: 'a', name: 'weather' })] }),
        chunk({ tool_calls: [call(0, {}, '{"city"')] }),
        chunk({ tool_calls: [call(1, { id: 'b', name: 'time' }, '{')] }),
        chunk({ tool_calls: [call(0, {}, ':"Bern"}')] }),
        chunk({}, 'tool_calls'),
      ).filter(({ type }) => !type.endsWith('delta')),
    ).toEqual([
      { type: 'tool-input-start', toolCallId: 'a', toolName: 'weather' },
      { type: 'tool-input-start', toolCallId: 'b', toolName: 'time' },
      { type: 'tool-input-available', toolCallId: 'a', toolName: 'weather', input: { city: 'Bern' } },
      { type: 'tool-input-error', toolCallId: 'b', toolName: 'time', input: '{', errorText: expect.any(String) },
      { type: 'finish-step' },
      { type: 'finish', finishReason: 'tool-calls' },
    ])
  })

  it.each(['toString', 'eos', 'content_filter'])('has a word for every reason: %s', (reason) => {
    expect(all(chunk({}, reason)).at(-1)?.finishReason).toBe(reason === 'content_filter' ? 'content-filter' : 'other')
  })

  it('closes what is open before it says that it failed or was stopped', () => {
    const stopped = new UiMessageChunks()
    expect([...stopped.add(chunk({ content: 'a' })), ...stopped.abort()].map(({ type }) => type)).toEqual([
      'text-start',
      'text-delta',
      'text-end',
      'abort',
    ])
    const failed = new UiMessageChunks()
    expect([...failed.add(chunk({ reasoning: 'a' })), ...failed.fail('x')].slice(-2)).toEqual([
      { type: 'reasoning-end', id: '0' },
      { type: 'error', errorText: 'x' },
    ])
  })

  it('shows a refusal as text, also beside a content that is empty', () => {
    const parts = new UiMessageChunks()
    expect([...parts.add(chunk({ content: '', refusal: 'I must ' })), ...parts.add(chunk({ refusal: 'not' }))]).toEqual(
      [
        { type: 'text-start', id: '0' },
        { type: 'text-delta', id: '0', delta: 'I must ' },
        { type: 'text-delta', id: '0', delta: 'not' },
      ],
    )
  })

  it('says again what was there, before it goes on', () => {
    const parts = new UiMessageChunks()
    const before = [
      { type: 'step-start' },
      { type: 'text', text: 'I look.' },
      { type: 'tool-weather', toolCallId: 'a', state: 'output-available', input: { city: 'Bern' }, output: 'sun' },
    ]
    expect([...parts.begin('m', before), ...parts.add(chunk({ content: 'It shines.' }))]).toEqual([
      { type: 'start', messageId: 'm' },
      { type: 'start-step' },
      { type: 'text-start', id: '0' },
      { type: 'text-delta', id: '0', delta: 'I look.' },
      { type: 'text-end', id: '0' },
      { type: 'tool-input-available', toolCallId: 'a', toolName: 'weather', input: { city: 'Bern' } },
      { type: 'tool-output-available', toolCallId: 'a', output: 'sun' },
      { type: 'finish-step' },
      { type: 'start-step' },
      { type: 'text-start', id: '1' },
      { type: 'text-delta', id: '1', delta: 'It shines.' },
    ])
  })
})
