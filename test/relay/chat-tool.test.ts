import { describe, expect, it } from 'vitest'
import { type ChatRequest, formatRequest } from '../../src/relay/chat-request.ts'
import { chatProducers } from '../../src/relay/chat-tool.ts'
import type { Delta } from '../../src/relay/chunk.ts'
import type { Ask, Models } from '../../src/relay/model.ts'
import { memoryRooms } from '../../src/rooms/memory.ts'
import type { Producers } from '../../src/rooms/producer.ts'
import type { Room } from '../../src/rooms/room.ts'

const producersOf = (ask: Ask): Producers =>
  chatProducers({ list: [], find: () => ({ name: 'm', provider: 'p', ask }) } satisfies Models)
const chunk = (delta: Delta): string => JSON.stringify({ choices: [{ index: 0, delta }] })

/** What is said in a room where one has asked a model that answers so, and how that ended. */
async function answered(
  ask: Ask,
): Promise<{ deltas: string; last: Record<string, unknown>; state: string | undefined }> {
  const room = memoryRooms({ producers: producersOf(ask) }).get('chat')
  const messages = [{ role: 'user', content: 'Hi' }]
  await room.start('chat', formatRequest({ messages }), { then: 'keep' })
  const state = async () => (await room.info())?.runs?.[0]?.state
  await expect.poll(state).not.toBe('running')
  const said = await Array.fromAsync(room.read({ from: 'start', live: false }))
  const events = said.map((message) => ('data' in message ? { ...message, data: JSON.parse(message.data) } : undefined))
  const deltas = events.filter((message) => message?.event === 'delta').map((message) => message?.data.text)
  return {
    deltas: deltas.join(''),
    last: { event: events.at(-1)?.event, ...events.at(-1)?.data },
    state: await state(),
  }
}

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
    const producers = producersOf(async function* (request) {
      asked.push(request)
      yield chunk({ content: 'Hello' })
    })
    const messages = [{ role: 'user', content: 'Hi', name }]
    const said: unknown[] = []
    const context = { signal: new AbortController().signal, room: undefined as unknown as Room, run: 'r' }
    for await (const message of producers.chat?.(formatRequest({ messages }), context) ?? []) said.push(message)
    const shown = typeof name === 'string' ? { name: name.slice(0, 64) } : {}
    expect(said[0]).toEqual({ event: 'question', data: { id: 'r', role: 'user', ...shown, content: 'Hi' } })
    expect(asked[0]?.messages).toEqual([{ role: 'user', content: 'Hi', ...(plain !== undefined && { name: plain }) }])
  })

  it.each<[string, Delta[]]>([
    ['nothing', []],
    ['no text', [{ role: 'assistant', content: '' }, { content: null }, {}]],
    ['thoughts alone', [{ reasoning_content: 'What was asked?' }]],
    ['calls of tools alone', [{ tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }] }]],
  ])('ends as a failure where a model has said %s', async (_, deltas) => {
    const { last, state } = await answered(async function* () {
      yield* deltas.map(chunk)
    })
    expect({ ...last, state }).toMatchObject({ event: 'stream.error', code: 'upstream-incomplete', state: 'failed' })
  })

  it('shows a refusal, and a text beside calls of tools', async () => {
    const refused = await answered(async function* () {
      yield* [{ content: null, refusal: 'I must ' }, { refusal: 'not' }].map(chunk)
    })
    expect(refused).toMatchObject({ deltas: 'I must not', last: { content: 'I must not' }, state: 'done' })
    const called = await answered(async function* () {
      yield* [{ content: 'I look' }, { tool_calls: [{ index: 0, function: { name: 'f' } }] }].map(chunk)
    })
    expect(called).toMatchObject({ deltas: 'I look', last: { content: 'I look' }, state: 'done' })
  })

  /** 255 KiB as JSON, where each of them takes so many bytes. */
  const LONGEST = 261_120
  it.each([
    ['x', 1],
    ['🦆', 4],
    ['"', 2],
    ['\0', 6],
  ])(
    'says all of the longest answer at the end, and ends a longer one before it is too long: %j',
    async (text, bytes) => {
      const pieces = Array.from({ length: 10 }, () => text.repeat(LONGEST / 10 / bytes))
      const content = pieces.join('')
      const whole = await answered(async function* () {
        for (const piece of pieces) yield chunk({ content: piece })
      })
      expect(whole.state).toBe('done')
      expect([whole.last.content === content, whole.deltas === content]).toEqual([true, true])
      let left = false
      const longer = await answered(async function* () {
        try {
          for (const piece of [...pieces, text]) yield chunk({ content: piece })
          await new Promise(() => {})
        } finally {
          left = true
        }
      })
      expect(longer).toMatchObject({ last: { event: 'stream.error', code: 'upstream-too-large' }, state: 'failed' })
      expect([longer.deltas === content, left]).toEqual([true, true])
    },
  )
})
