import { describe, expect, it } from 'vitest'
import { toChatMessages, type UiMessage, type UiPart } from '../../src/relay.ts'

const of = (role: string, ...parts: UiPart[]): UiMessage => ({ id: 'm', role, parts })
const text = (said: string): UiPart => ({ type: 'text', text: said })
const STEP = { type: 'step-start' }

describe('toChatMessages', () => {
  it('makes text of text', () => {
    const messages = [
      of('system', text('be '), text('brief')),
      of('user', text('hello')),
      of('assistant', STEP, text('hi')),
    ]
    expect(toChatMessages(messages)).toEqual([
      { role: 'system', content: 'be brief' },
      { role: 'user', content: 'hello' },
      { role: 'assistant', content: 'hi' },
    ])
  })

  it('keeps files that a model may take, and leaves out what it has no words for', () => {
    const parts: UiPart[] = [
      text('look'),
      { type: 'file', mediaType: 'image/png', url: 'https://example.com/a.png' },
      { type: 'file', mediaType: 'audio/wav', url: 'data:audio/wav;base64,AAAA' },
      { type: 'file', mediaType: 'application/pdf', url: 'data:application/pdf;base64,AAAA', filename: 'a.pdf' },
      { type: 'file', mediaType: 'application/pdf', url: 'https://example.com/a.pdf' },
      { type: 'source-url', url: 'https://example.com' },
      { type: 'data-weather' },
    ]
    expect(toChatMessages([of('user', ...parts)])).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'look' },
          { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
          { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
          { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' } },
        ],
      },
    ])
  })

  it('tells of tools and their results step by step, and of no call that has none', () => {
    const parts: UiPart[] = [
      STEP,
      { type: 'reasoning', text: 'hm' },
      text('I look.'),
      { type: 'tool-weather', toolCallId: 'a', state: 'output-available', input: { city: 'Bern' }, output: { sun: 1 } },
      { type: 'dynamic-tool', toolName: 'time', toolCallId: 'b', state: 'output-error', input: {}, errorText: 'late' },
      {
        type: 'tool-buy',
        toolCallId: 'c',
        state: 'output-denied',
        input: {},
        approval: { approved: false, reason: 'no' },
      },
      { type: 'tool-sell', toolCallId: 'd', state: 'input-available', input: {} },
      STEP,
      text('It is sunny.'),
      { type: 'steering-message', parts: [text('shorter')] },
      STEP,
      { type: 'tool-sell', toolCallId: 'e', state: 'input-streaming' },
      text(''),
    ]
    const call = (id: string, name: string, given = '{}') => ({
      id,
      type: 'function',
      function: { name, arguments: given },
    })
    expect(toChatMessages([of('assistant', ...parts)])).toEqual([
      {
        role: 'assistant',
        content: 'I look.',
        tool_calls: [call('a', 'weather', '{"city":"Bern"}'), call('b', 'time'), call('c', 'buy')],
      },
      { role: 'tool', tool_call_id: 'a', content: '{"sun":1}' },
      { role: 'tool', tool_call_id: 'b', content: 'late' },
      { role: 'tool', tool_call_id: 'c', content: 'no' },
      { role: 'assistant', content: 'It is sunny.' },
      { role: 'user', content: 'shorter' },
    ])
  })

  it.each([
    undefined,
    'hello',
    [null],
    [{ role: 'user', content: 'hello' }],
    [{ role: 'tool', parts: [] }],
    [{ role: 'user', parts: [null] }],
    [{ role: 'user', parts: [{ text: 'x' }] }],
    [{ role: 'user', parts: [], id: 7 }],
    [{ role: 'user', parts: [], id: 'x'.repeat(257) }],
    [{ role: 'assistant', parts: [{ type: 'steering-message', parts: 'shorter' }] }],
    [{ role: 'assistant', parts: [{ type: 'steering-message', parts: [null] }] }],
  ])('refuses what no chat of the AI SDK has: %j', (messages) => {
    expect(() => toChatMessages(messages)).toThrow(expect.objectContaining({ code: 'invalid-parameter' }))
  })
})
