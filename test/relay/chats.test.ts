import { describe, expect, it } from 'vitest'
import {
  answerProducers,
  findChatAnswer,
  modelsFrom,
  noteChatAnswer,
  startAnswer,
  stopAnswer,
  type UiPart,
} from '../../src/relay.ts'
import { memoryRooms } from '../../src/rooms/memory.ts'
import { asked } from './asking.ts'

describe('noteChatAnswer', () => {
  it.each([
    [60_000, true],
    [100_000, false],
  ])(
    'notes an answer whatever its message held before, which is said again where it fits: %i × 漢',
    async (size, fits) => {
      const rooms = memoryRooms({ producers: answerProducers(modelsFrom({})) })
      const app = { rooms, env: {}, files: { get: async () => undefined } }
      const answer = await startAnswer(app, asked('hello', { model: 'offline?tokens=1000' }))
      const before: UiPart[] = [{ type: 'text', text: '漢'.repeat(size) }]
      await noteChatAnswer(app, 'chat', { answer: answer.id, messageId: 'm', before })
      const found = await findChatAnswer(app, 'chat')
      expect(found?.note).toEqual({ answer: answer.id, messageId: 'm', ...(fits && { before }) })
      await stopAnswer(answer)
    },
  )
})
