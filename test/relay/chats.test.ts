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

describe('startChatAnswer with a key', () => {
  const question = asked('hello', { model: 'offline?tokens=3&pace=0' })

  it('is one answer, also of several at once, and another in another chat', async () => {
    const app = newApp()
    const once = () => startChatAnswer(app, 'chat', endless, { key: 'key' })
    const answers = await Promise.all([once(), once(), once()])
    answers.push(await once())
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1)
    expect((await findChatAnswer(app, 'chat'))?.answer.id).toBe(answers[0]?.id)
    const other = await startChatAnswer(app, 'other', endless, { key: 'key' })
    expect(other.id).not.toBe(answers[0]?.id)
    for (const chat of ['chat', 'other']) await stopChatAnswer(app, chat)
  })

  it('takes nothing from what was asked since, whenever it comes again', async () => {
    for (let turns = 0; turns < 30; turns++) {
      const app = newApp()
      const first = await startChatAnswer(app, 'chat', question, { key: 'key' })
      const since = startChatAnswer(app, 'chat', endless)
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      expect((await startChatAnswer(app, 'chat', question, { key: 'key' })).id).toBe(first.id)
      const { id } = await since
      expect((await findChatAnswer(app, 'chat'))?.answer.id).toBe(id)
      await stopChatAnswer(app, 'chat')
    }
  })

  it('ends what was asked before, also where the room says that it knew the key', async () => {
    const { app, states } = watching(newApp())
    await startChatAnswer(app, 'chat', endless)
    // As an object answers whose way broke off, and was tried again.
    const get = (name: string) => {
      const room = app.rooms.get(name)
      const publish: typeof room.publish = async (...all) => ({ ...(await room.publish(...all)), duplicate: true })
      return { ...room, publish }
    }
    await startChatAnswer({ ...app, rooms: { get } }, 'chat', endless, { key: 'key' })
    expect(await states()).toEqual(['stopped', 'running'])
    await stopChatAnswer(app, 'chat')
  })

  it('is refused for another question, and stops nothing', async () => {
    const app = newApp()
    const answer = await startChatAnswer(app, 'chat', endless, { key: 'key' })
    const conflict = { code: 'idempotency-conflict' }
    await expect(startChatAnswer(app, 'chat', question, { key: 'key' })).rejects.toMatchObject(conflict)
    await expect(startChatAnswer(app, 'chat', endless, { key: 'key', messageId: 'm' })).rejects.toMatchObject(conflict)
    expect((await findChatAnswer(app, 'chat'))?.answer.id).toBe(answer.id)
    await stopChatAnswer(app, 'chat')
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
