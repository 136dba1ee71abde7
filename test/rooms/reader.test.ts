/** What the holder's side does when the room does not answer: the contract suite has rooms that do. */
import { describe, expect, it } from 'vitest'
import type { RoomBackend } from '../../src/rooms/backend.ts'
import { memoryBackends } from '../../src/rooms/memory.ts'
import { read } from '../../src/rooms/read.ts'
import type { Holder } from '../../src/rooms/reader.ts'

describe('Reader', () => {
  const backendWith = (connect: RoomBackend['connect']): RoomBackend => ({ ...memoryBackends()('lobby'), connect })

  it('ends without an error when it is stopped while nobody answers', async () => {
    const stop = new AbortController()
    const messages = read(
      backendWith(() => new Promise(() => {})),
      { signal: stop.signal },
    )[Symbol.asyncIterator]()
    const next = messages.next()
    stop.abort()
    expect((await next).done).toBe(true)
  })

  it('says that the room did not answer', async () => {
    const messages = read(backendWith(() => Promise.reject(new Error('network lost'))))[Symbol.asyncIterator]()
    await expect(messages.next()).rejects.toMatchObject({ code: 'storage-unavailable' })
  })

  it('comes back after a loss with its position, and misses nothing', async () => {
    const backend = memoryBackends()('lobby')
    const holders: Holder[] = []
    const dials: unknown[] = []
    const flaky = backendWith(async (admission, holder) => {
      dials.push(admission.position)
      if (dials.length === 2) throw new Error('not yet')
      holders.push(holder)
      return backend.connect(admission, holder)
    })
    const publish = async (data: string): Promise<void> => void (await backend.publish([{ data }], { subject: '' }))
    const messages = read({ ...flaky, page: backend.page }, { from: 'start' })[Symbol.asyncIterator]()
    await publish('a')
    expect((await messages.next()).value).toMatchObject({ data: 'a' })
    const next = messages.next()
    holders[0]?.disconnected()
    await publish('b')
    expect((await next).value).toMatchObject({ data: 'b' })
    expect(dials).toEqual(['start', expect.objectContaining({ seq: 1 }), expect.objectContaining({ seq: 1 })])
    await messages.return?.()
  })
})
