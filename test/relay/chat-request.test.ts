import { describe, expect, it } from 'vitest'
import { checkChatRequest } from '../../src/relay.ts'

const messages = [{ role: 'user', content: 'see https://example.com/base_url' }]

describe('checkChatRequest', () => {
  it('takes what clients send, and leaves what it does not know as it is', () => {
    const body = {
      messages: [
        { role: 'system', content: 'be brief' },
        { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }] },
        { role: 'assistant', content: null, tool_calls: [] },
        { role: 'tool', tool_call_id: '1', content: 'x' },
      ],
      model: 'm',
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0.5,
      provider: { order: ['a', 'b'] },
      anything: { else: 1 },
    }
    expect(checkChatRequest(body)).toEqual(body)
    expect(checkChatRequest({ messages, stream: null, stream_options: null })).toEqual({ messages })
  })

  it.each([
    { base_url: 'http://evil.example' },
    { baseUrl: 'http://evil.example' },
    { api_base: 'http://evil.example' },
    { api_key: 'sk-1' },
    { apiKey: 'sk-1' },
    { provider: 'https://evil.example/v1' },
    { provider: 'openai' },
    { provider: { order: ['http://evil.example'] } },
    { endpoint: 'x' },
    { extra_headers: {} },
  ])('refuses a body that says whom to ask: %o', (more) => {
    expect(() => checkChatRequest({ messages, ...more })).toThrow(expect.objectContaining({ code: 'unknown-provider' }))
  })

  it.each([
    {},
    { messages: [] },
    { messages: 'hello' },
    { messages: [null] },
    { messages: ['hello'] },
    { messages: [{ role: 'root', content: 'x' }] },
    { messages: [{ content: 'x' }] },
    { messages: [{ role: 'user', content: 7 }] },
    { messages: [{ role: 'user', content: { text: 'x' } }] },
    { messages: Array.from({ length: 1_001 }, () => messages[0]) },
    { messages, model: 7 },
    { messages, model: 'x'.repeat(257) },
    { messages, stream: 'yes' },
    { messages, stream_options: [] },
    { messages, stream_options: true },
  ])('refuses what is no request', (body) => {
    expect(() => checkChatRequest(body)).toThrow(expect.objectContaining({ code: 'invalid-parameter' }))
  })
})
