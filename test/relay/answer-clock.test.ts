/** How old an answer and its streams may become. Alone in its file: other answers would set timers of their own here. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { answerStream } from '../../src/relay/answer-stream.ts'
import {
  type Answer,
  answerProducers,
  completionStream,
  findAnswer,
  type Model,
  resumeCompletion,
  startAnswer,
  uiMessageStream,
} from '../../src/relay.ts'
import { memoryRooms } from '../../src/rooms/memory.ts'
import { BodyReader } from '../body-reader.ts'
import { asked } from './asking.ts'

const HOUR = 3_600_000
const pass = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds)
const asking = (): Request => new Request('http://localhost/')
const chunk = (content: string): string => JSON.stringify({ choices: [{ index: 0, delta: { content } }] })

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

/** An app whose one model says `one`, and `two` when it is told to go on; `calls` counts how often it was asked. */
function held() {
  const going = Promise.withResolvers<void>()
  const heard = { calls: 0 }
  const model: Model = {
    name: 'held',
    provider: 'test',
    async *ask(_, { signal }) {
      heard.calls++
      yield chunk('one')
      const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      await Promise.race([going.promise, stopped])
      yield chunk('two')
    },
  }
  const rooms = memoryRooms({ producers: answerProducers({ list: [], find: () => model }) })
  return { app: { rooms, env: {}, files: { get: async () => undefined } }, goOn: going.resolve, heard }
}

/** Reads all that comes, at once; `ended` once it has. */
function read(response: Response): { body: BodyReader; ended: Promise<string>; isOpen(): boolean } {
  const body = new BodyReader(response.body)
  let open = true
  const ended = body.rest().finally(() => (open = false))
  ended.catch(() => {})
  return { body, ended, isOpen: () => open }
}

const streams: [string, (answer: Answer) => Promise<Response>][] = [
  ['completionStream', (answer) => completionStream(asking(), answer, { statusWithin: 0 })],
  ['uiMessageStream', (answer) => uiMessageStream(asking(), answer, { statusWithin: 0 })],
  [
    'answerStream, of messages with ids',
    (answer) =>
      answerStream(
        asking(),
        answer,
        { statusWithin: 0 },
        async function* (events) {
          for await (const event of events) yield { id: event.id, data: JSON.stringify(event) }
        },
        { end: {} },
      ),
  ],
]

describe('a stream of an answer', () => {
  it.each(streams)('has no greatest age: %s', async (_, open) => {
    for (const whenEmpty of ['continue', 'cancel'] as const) {
      const { app, goOn } = held()
      const answer = await startAnswer(app, asked('hello'), { whenEmpty })
      const { body, ended, isOpen } = read(await open(answer))
      await vi.waitFor(() => expect(body.text).toContain('one'))
      await pass(HOUR)
      expect(isOpen()).toBe(true)
      goOn()
      await pass(100)
      expect(await ended).toContain('two')
      expect(body.text).not.toMatch(/stream-cut|was cut/)
    }
  })
})

describe('an answer that has expired', () => {
  it('is 404 by every way to it, and is not asked again', async () => {
    const { app, goOn, heard } = held()
    const key = 'question-1'
    const { id } = await startAnswer(app, asked('hello'), { key })
    goOn()
    await vi.waitFor(async () => expect((await findAnswer(app, id)).readTo).toMatch(/^3-/))
    const { ended } = read(await completionStream(asking(), await findAnswer(app, id)))
    const ids = [...(await ended).matchAll(/^id: (.*)$/gm)].map(([, id]) => id ?? '')
    expect(ids).toHaveLength(4)
    await pass(23 * HOUR)
    expect((await findAnswer(app, id)).id).toBe(id)
    // Its events go first, and a day later its room.
    for (const more of [5, 20, 10, 1, 1]) {
      await pass(more * HOUR)
      await expect(findAnswer(app, id)).rejects.toMatchObject({ code: 'not-found' })
      for (const lastEventId of ids)
        await expect(resumeCompletion(asking(), app, lastEventId)).rejects.toMatchObject({ code: 'not-found' })
      if (more === 5)
        await expect(startAnswer(app, asked('hello'), { key })).rejects.toMatchObject({ code: 'not-found' })
    }
    expect(heard.calls).toBe(1)
  })
})
