/** A binding of Workers AI that answers in one of its two shapes, by the name of the model. */

import type { AiBinding } from '../../src/relay.ts'
import { chunked, streamOf } from '../../src/testing.ts'

const USAGE = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }
const ANSWERS: Record<string, unknown[]> = {
  older: [{ response: 'Grü' }, { response: 'ße 🦆' }, { response: '', usage: USAGE }, '[DONE]'],
  newer: [
    { id: 'chatcmpl-1', choices: [{ index: 0, delta: { role: 'assistant', content: 'Grüße' }, finish_reason: null }] },
    { id: 'chatcmpl-1', choices: [{ index: 0, delta: { content: ' 🦆' }, finish_reason: 'stop' }] },
    '[DONE]',
  ],
  broken: [{ response: 'Grü' }],
}
export const TEXT = 'Grüße 🦆'

export const fakeAi: AiBinding = {
  async run(model) {
    const text = (ANSWERS[model] ?? [])
      .map((value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`)
      .join('')
    // Two bytes at a time: characters, lines and events are all cut.
    return streamOf(chunked(text, [2]))
  },
}

/** An environment that has it. */
export const ANSWERING: object = {
  AI: fakeAi,
  LLM_PROVIDERS: { 'workers-ai': { binding: 'AI', models: Object.keys(ANSWERS) } },
}
