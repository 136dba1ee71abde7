/** A model's answer as OpenAI streams it: https://platform.openai.com/docs/api-reference/chat-streaming */

const chunk = (delta: object, finish_reason: 'stop' | null = null) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1_795_000_000,
  model: 'answering',
  choices: [{ index: 0, delta, finish_reason }],
})

export const TEXT = 'Grüße,\r\n\n"🦆": data: [DONE]'

/** The text a few characters at a time, between its beginning and its end. */
export const CHUNKS: object[] = [
  chunk({ role: 'assistant', content: '' }),
  ...(TEXT.match(/.{1,4}/gsu) ?? []).map((content) => chunk({ content })),
  chunk({}, 'stop'),
]

export const FAILURE = { error: { message: 'The model is overloaded', type: 'server_error', code: 'overloaded' } }
