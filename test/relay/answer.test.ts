import { describe, expect, it } from 'vitest'
import { readJsonObject } from '../../src/json-body.ts'
import {
  answerProducers,
  checkChatRequest,
  completion,
  completionStream,
  findAnswer,
  type Model,
  modelsFrom,
  startAnswer,
  uiMessageStream,
} from '../../src/relay.ts'
import { memoryRooms } from '../../src/rooms/memory.ts'
import { asked } from './asking.ts'

/** An app whose one model says nothing, and tells when nobody wants to hear it any more. */
function silent() {
  const cancelled = Promise.withResolvers<void>()
  const stream = new ReadableStream({ cancel: () => cancelled.resolve() })
  const env = {
    AI: { run: async () => stream },
    LLM_PROVIDERS: { ai: { binding: 'AI', models: ['silent'] } },
  }
  const rooms = memoryRooms({ producers: answerProducers(modelsFrom(env)) })
  return { app: { rooms, env, files: { get: async () => undefined } }, cancelled: cancelled.promise }
}
const gone = (): Request => new Request('http://localhost/', { signal: AbortSignal.abort() })

describe('an answer whose reader left before it was one', () => {
  it.each([
    ['completionStream', completionStream],
    ['completion', completion],
    ['uiMessageStream', uiMessageStream],
  ])('ends with it, where it ends with its last reader: %s', async (name, read) => {
    const { app, cancelled } = silent()
    const answer = await startAnswer(app, asked('hello'), { whenEmpty: 'cancel' })
    const response = read(gone(), answer, { statusWithin: 20 })
    // All of it is what that one waits for.
    if (name === 'completion') await expect(response).rejects.toMatchObject({ code: 'producer-stopped' })
    else await response
    // Not after ten seconds, because nobody came.
    const runs = async () => (await answer.room.info())?.runs
    await expect.poll(runs, { timeout: 5_000 }).toMatchObject([{ state: 'stopped' }])
    await cancelled
  })

  it('goes on where somebody else reads it, and where it goes on anyhow', async () => {
    for (const whenEmpty of ['cancel', 'continue'] as const) {
      const { app } = silent()
      const answer = await startAnswer(app, asked('hello'), { whenEmpty })
      const other = await completionStream(new Request('http://localhost/'), answer, { statusWithin: 0 })
      await completionStream(gone(), answer, { statusWithin: 0 })
      expect((await answer.room.info())?.runs).toMatchObject([{ state: 'running' }])
      await other.body?.cancel()
    }
  })
})

describe('an answer in one piece', () => {
  it('is none where its request is aborted before the end, and whole for who waits', async () => {
    const rest = Promise.withResolvers<void>()
    const model: Model = {
      name: 'halting',
      provider: 'test',
      async *ask() {
        yield '{"choices":[{"delta":{"content":"Half"}}]}'
        await rest.promise
        yield '{"choices":[{"delta":{"content":" and half"},"finish_reason":"stop"}]}'
      },
    }
    const rooms = memoryRooms({ producers: answerProducers({ list: [], find: () => model }) })
    const answer = await startAnswer({ rooms, env: {}, files: { get: async () => undefined } }, asked('hello'))
    const leaving = new AbortController()
    const left = completion(new Request('http://localhost/', { signal: leaving.signal }), answer)
    const read = completion(new Request('http://localhost/'), answer)
    await expect.poll(async () => (await answer.room.info())?.newest).toMatch(/^1-/)
    leaving.abort(new Error('tired'))
    await expect(left).rejects.toMatchObject({ code: 'producer-stopped', cause: leaving.signal.reason })
    rest.resolve()
    expect(await (await read).json()).toMatchObject({ choices: [{ message: { content: 'Half and half' } }] })
  })
})

describe('what a model is asked', () => {
  it('has its numbers as they were written', async () => {
    const heard: string[] = []
    const model: Model = {
      name: 'offline',
      provider: 'test',
      async *ask(request) {
        heard.push(JSON.stringify(request))
        yield '{"choices":[]}'
      },
    }
    const rooms = memoryRooms({ producers: answerProducers({ list: [], find: () => model }) })
    const numbers = '"seed":9007199254740993,"temperature":1.0,"top_p":0.70'
    const body = `{"messages":[{"role":"user","content":"x"}],${numbers}}`
    const headers = { 'content-type': 'application/json' }
    const chat = checkChatRequest(
      await readJsonObject(new Request('http://localhost/', { method: 'POST', headers, body })),
    )
    const { room } = await startAnswer({ rooms, env: {}, files: { get: async () => undefined } }, chat)
    await expect.poll(async () => (await room.info())?.state).toBe('closed')
    expect(heard).toEqual([expect.stringContaining(numbers)])
  })
})

describe('findAnswer', () => {
  it('finds it for who asked, and tells whether it is over', async () => {
    const { app } = silent()
    const ada = { ...app, grant: { subject: 'ada' } }
    const { id } = await startAnswer(ada, asked('hello', { model: 'offline?tokens=1&pace=0' }))
    await expect.poll(async () => (await findAnswer(ada, id)).readTo).toMatch(/^3-/)
    for (const other of [app, { ...app, grant: { subject: 'ben' } }])
      await expect(findAnswer(other, id)).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('an answer in which nothing was said', () => {
  it('is a failure, however well the model ended it', async () => {
    const run = async () => new Response('data: [DONE]\n\n').body
    const env = { AI: { run }, LLM_PROVIDERS: { ai: { binding: 'AI', models: ['empty'] } } }
    const rooms = memoryRooms({ producers: answerProducers(modelsFrom(env)) })
    for (const read of [completionStream, completion, uiMessageStream]) {
      const answer = await startAnswer({ rooms, env, files: { get: async () => undefined } }, asked('hello'))
      const response = read(new Request('http://localhost/'), answer)
      await expect(response).rejects.toMatchObject({ code: 'upstream-incomplete' })
    }
  })
})
