/** The binding of Workers AI where it is used: in an object, asked by a Worker. */
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { handler } from '../../src/handlers/chat-completions.ts'
import { durableRooms } from '../../src/rooms/durable-rooms.ts'
import { ANSWERING, TEXT } from '../relay/fake-ai.ts'
import '../relay/workers-ai.test.ts'

const app = { rooms: durableRooms(env.ANSWER_ROOMS), env: ANSWERING, files: { get: async () => undefined } }
const ask = async (model: string, stream: boolean): Promise<Response> => {
  const body = JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'hello' }] })
  const headers = { 'content-type': 'application/json' }
  return handler(new Request('http://localhost/v1/chat/completions', { method: 'POST', headers, body }), app)
}

describe('an answer of Workers AI', () => {
  it.each(['older', 'newer'])('is made in an object, streamed and whole: %s', async (model) => {
    const events = (await (await ask(model, true)).text()).match(/^data: .*$/gm) ?? []
    expect(events.at(-1)).toBe('data: [DONE]')
    const chunks = events.slice(0, -1).map((event) => JSON.parse(event.slice('data: '.length)))
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(TEXT)
    const whole = (await (await ask(model, false)).json()) as { choices: unknown[] }
    expect(whole.choices).toMatchObject([{ message: { role: 'assistant', content: TEXT }, finish_reason: 'stop' }])
  })

  it('that breaks off is no answer', async () => {
    const text = await (await ask('broken', true)).text()
    expect(text).toContain('"code":"upstream-incomplete"')
    expect(text).not.toContain('[DONE]')
    await expect(ask('broken', false)).rejects.toMatchObject({ code: 'upstream-incomplete' })
  })
})
