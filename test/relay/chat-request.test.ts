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
      tools: [
        { type: 'function', function: { name: 'f', parameters: { properties: { model: {}, url: {} } } } },
        { type: 'custom', custom: { name: 'g' } },
        { type: 'web_search', parameters: { max_results: 3 } },
      ],
      prompt_cache_key: 'k',
      max_completion_tokens: 7,
      service_tier: 'auto',
      web_search_options: {},
      metadata: { url: 'x', provider: 'y' },
      [`${'a'.repeat(1_000_000)}url`]: 1,
      anything: { else: 1 },
    }
    expect(checkChatRequest(body)).toEqual(body)
    expect(checkChatRequest({ messages, stream: null, stream_options: null })).toEqual({ messages })
  })

  it.each([
    { base_url: 'http://evil.example' },
    { baseUrl: 'http://evil.example' },
    { api_base: 'http://evil.example' },
    { 'API-Base': 'http://evil.example' },
    { api_key: 'sk-1' },
    { apiKey: 'sk-1' },
    { api_base: null },
    { endpoint: 'x' },
    { extra_headers: {} },
    { organization: 'o' },
    { bootstrap_host: 'evil.example' },
    { kv_transfer_params: { remote_host: 'evil.example' } },
    { provider: 'https://evil.example/v1' },
    { provider: 'openai' },
    { provider: { order: ['a', 'b'] } },
    { models: ['openai/o1-pro'] },
    { route: 'fallback' },
    { preset: 'mine' },
    { plugins: [{ id: 'fusion', analysis_models: ['a'] }] },
    { tools: [{ type: 'function' }, { type: 'openrouter:fusion' }] },
    { tools: [{ type: 'advisor', model: 'a' }] },
    { tools: [{ type: 'fusion', parameters: { analysis_models: ['a'] } }] },
    { compound_custom: { models: { answering_model: 'a' } } },
    { fallbacks: [{ model: 'x', api_base: 'http://169.254.169.254' }] },
    { context_window_fallback_dict: { a: 'b' } },
    { mock_testing_fallbacks: true },
    { mock_response: 'I said so' },
    { user_config: { model_list: [] } },
    { model_list: [] },
    { litellm_params: { api_base: 'http://169.254.169.254' } },
    { litellm_credential_name: 'other' },
    { custom_llm_provider: 'openai' },
    { specific_deployment: true },
    { aws_bedrock_runtime_endpoint: 'http://evil.example' },
    { vertex_credentials: '{}' },
    { azure_ad_token: 't' },
    { langfuse_host: 'http://evil.example' },
    { slack_webhook_url: 'http://evil.example' },
    { customer_credentials: {} },
    { fallback_models: ['a'] },
    { providerOptions: { gateway: { models: ['a'] } } },
  ])('refuses a body that says whom to ask: %o', (more) => {
    const field = Object.keys(more)[0]
    const refusal = expect.objectContaining({ code: 'unknown-provider', field })
    expect(() => checkChatRequest({ messages, ...more })).toThrow(refusal)
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
