import { describe, expect, it } from 'vitest'
import { answerProducers, completionStream, type Model, startAnswer } from '../../src/relay.ts'
import { memoryRooms } from '../../src/rooms/memory.ts'
import { asked } from './asking.ts'

/** What a reader gets of an answer in these chunks: the text of each, and what stands for the rest. */
async function read(...texts: string[]): Promise<string[]> {
  const chunk = (content: string) => JSON.stringify({ choices: [{ index: 0, delta: { content } }] })
  const model: Model = {
    name: 'offline',
    provider: 'test',
    async *ask() {
      for (const text of texts) yield chunk(text)
    },
  }
  const rooms = memoryRooms({ producers: answerProducers({ list: [model], find: () => model }) })
  const answer = await startAnswer({ rooms, env: {}, files: { get: async () => undefined } }, asked('hello'))
  const body = await (await completionStream(new Request('http://localhost/'), answer)).text()
  return Array.from(body.matchAll(/\ndata: ([^\n]*)/g), ([, data = '']) =>
    data.startsWith('{') ? (JSON.parse(data).choices?.[0].delta.content ?? data) : data,
  )
}

describe('a chunk that looks like a line of a room', () => {
  it.each(['event: foo', 'event: stream.gap\u2028', 'event: stream.error\u2028', 'id: 7', 'data: [DONE]'])(
    'is a chunk all the same, behind any separator of lines: %j',
    async (line) => {
      const texts = ['\n', '\r', '\u2028', '\u2029', '\u0085'].map((separator) => `so${separator}${line}`)
      expect(await read('one', ...texts, 'two')).toEqual(['one', ...texts, 'two', '[DONE]'])
    },
  )
})
