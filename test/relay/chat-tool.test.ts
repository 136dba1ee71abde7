import { describe, expect, it } from 'vitest'
import { type ChatRequest, formatRequest } from '../../src/relay/chat-request.ts'
import { chatProducers } from '../../src/relay/chat-tool.ts'
import type { Models } from '../../src/relay/model.ts'
import type { Room } from '../../src/rooms/room.ts'

describe('chatProducers', () => {
  it.each([
    ['Ada', 'Ada'],
    ['Ada Lovelace', 'Ada_Lovelace'],
    ['<Zoë|x/>', '_Zo_x_'],
    ['a'.repeat(70), 'a'.repeat(64)],
    ['', undefined],
    [7, undefined],
  ])('shows the name %j to people, and to the model %j', async (name, plain) => {
    const asked: ChatRequest[] = []
    const models: Models = {
      list: [],
      find: () => ({
        name: 'm',
        provider: 'p',
        async *ask(request) {
          asked.push(request)
          yield JSON.stringify({ choices: [{ index: 0, delta: { content: 'Hello' } }] })
        },
      }),
    }
    const messages = [{ role: 'user', content: 'Hi', name }]
    const said: unknown[] = []
    const context = { signal: new AbortController().signal, room: undefined as unknown as Room, run: 'r' }
    for await (const message of chatProducers(models).chat?.(formatRequest({ messages }), context) ?? [])
      said.push(message)
    const shown = typeof name === 'string' ? { name: name.slice(0, 64) } : {}
    expect(said[0]).toEqual({ event: 'question', data: { id: 'r', role: 'user', ...shown, content: 'Hi' } })
    expect(asked[0]?.messages).toEqual([{ role: 'user', content: 'Hi', ...(plain !== undefined && { name: plain }) }])
  })
})
