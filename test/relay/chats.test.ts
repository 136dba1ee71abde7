import { describe, expect, it } from 'vitest'
import {
  answerProducers,
  findChatAnswer,
  modelsFrom,
  startChatAnswer,
  stopAnswer,
  stopChatAnswer,
  type UiPart,
} from '../../src/relay.ts'
import { memoryRooms } from '../../src/rooms/memory.ts'
import { asked } from './asking.ts'

const newApp = () => {
  const rooms = memoryRooms({ producers: answerProducers(modelsFrom({})) })
  return { rooms, env: {}, files: { get: async () => undefined } }
}
const endless = asked('hello', { model: 'offline?tokens=10000&pace=60000' })
type App = ReturnType<typeof newApp>

/** The states of answers, by the rooms that were asked for. */
function watching(app: App): { app: App; states: () => Promise<(string | undefined)[]> } {
  const names = new Set<string>()
  const get = (name: string) => {
    if (name.startsWith('~answer-')) names.add(name)
    return app.rooms.get(name)
  }
  const states = () => Promise.all([...names].map(async (name) => (await app.rooms.get(name).info())?.runs?.[0]?.state))
  return { app: { ...app, rooms: { get } }, states }
}

describe('startChatAnswer', () => {
  it.each([
    [60_000, true],
    [100_000, false],
  ])(
    'notes an answer whatever its message held before, which is said again where it fits: %i × 漢',
    async (size, fits) => {
      const app = newApp()
      const before: UiPart[] = [{ type: 'text', text: '漢'.repeat(size) }]
      const answer = await startChatAnswer(app, 'chat', endless, { messageId: 'm', before })
      const found = await findChatAnswer(app, 'chat')
      expect(found?.note).toEqual({ answer: answer.id, messageId: 'm', ...(fits && { before }) })
      await stopAnswer(answer)
    },
  )

  it('stops the one before it, and of several at once all but one', async () => {
    const { app, states } = watching(newApp())
    await startChatAnswer(app, 'chat', endless)
    await Promise.all([1, 2, 3, 4].map(() => startChatAnswer(app, 'chat', endless)))
    await expect.poll(async () => (await states()).toSorted()).toEqual(['running', ...Array(4).fill('stopped')])
    await stopChatAnswer(app, 'chat')
    expect(await states()).toEqual(Array(5).fill('stopped'))
  })

  it('goes on for nobody who stops the chat, whenever that is', async () => {
    for (let turns = 0; turns < 30; turns++) {
      const { app, states } = watching(newApp())
      await startChatAnswer(app, 'chat', endless)
      const starting = startChatAnswer(app, 'chat', endless)
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      // Whoever stops before the other has noted anything, stops what was there.
      await stopChatAnswer(app, 'chat')
      await starting
      const running = (await states()).filter((state) => state === 'running').length
      const found = await findChatAnswer(app, 'chat')
      expect(running).toBe(found ? 1 : 0)
    }
  })
})

describe('findChatAnswer', () => {
  it('finds none that is over, of another, or of a chat that there is not, and says when it could not look', async () => {
    const app = newApp()
    expect(await findChatAnswer(app, 'chat')).toBeUndefined()
    await stopChatAnswer(app, 'chat')
    const answer = await startChatAnswer(app, 'chat', endless)
    expect((await findChatAnswer(app, 'chat'))?.answer.id).toBe(answer.id)
    expect(await findChatAnswer({ ...app, grant: { subject: 'eve' } }, 'chat')).toBeUndefined()
    const broken = {
      ...app,
      rooms: {
        get: (name: string) => {
          if (!name.startsWith('~answer-')) return app.rooms.get(name)
          throw new Error('the disk is gone')
        },
      },
    }
    await expect(findChatAnswer(broken, 'chat')).rejects.toThrow('the disk is gone')
    await stopAnswer(answer)
    expect(await findChatAnswer(app, 'chat')).toBeUndefined()
  })
})
