/** What the holder's side does when the room does not answer: the contract suite has rooms that do. */
import { describe, expect, it, vi } from 'vitest'
import type { RoomBackend } from '../../src/rooms/backend.ts'
import { type Command, Page, type Position } from '../../src/rooms/bridge.ts'
import type { Holder } from '../../src/rooms/holder.ts'
import { memoryBackends } from '../../src/rooms/memory.ts'
import { read } from '../../src/rooms/read.ts'
import { Reader } from '../../src/rooms/reader.ts'
import { subscribe } from '../../src/rooms/subscribe.ts'
import { StreamReader } from './stream-reader.ts'

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

  it('leaves no timer behind once it is connected', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const backend = memoryBackends()('lobby')
      await backend.publish([{ data: 'a' }], { subject: '' })
      const messages = read(backend, { from: 'start' })[Symbol.asyncIterator]()
      expect((await messages.next()).value).toMatchObject({ data: 'a' })
      expect(vi.getTimerCount()).toBe(0)
      await messages.return?.()
    } finally {
      vi.useRealTimers()
    }
  })

  it('ends a finite read that is stopped while nobody answers', async () => {
    const stop = new AbortController()
    const backend: RoomBackend = { ...memoryBackends()('lobby'), page: () => new Promise(() => {}) }
    const messages = read(backend, { live: false, signal: stop.signal })[Symbol.asyncIterator]()
    const next = messages.next()
    stop.abort()
    expect((await next).done).toBe(true)
    expect((await read(backend, { live: false, signal: stop.signal })[Symbol.asyncIterator]().next()).done).toBe(true)
  })

  it('asks for no more once a finite read has what was there', async () => {
    const backend = memoryBackends()('lobby')
    const asked: Position[] = []
    const page: RoomBackend['page'] = (position, first) => {
      asked.push(position)
      return backend.page(position, first)
    }
    const large = { data: 'x'.repeat(40_000) } // One fits in a page.
    await backend.publish([large, large], { subject: '' })
    let count = 0
    for await (const _ of read({ ...backend, page }, { live: false })) {
      if (count++ === 0) await backend.publish([large, large, large], { subject: '' })
    }
    expect({ count, asked }).toMatchObject({ count: 2, asked: ['start', 'live', { seq: 1 }] })
  })

  it('comes back where its connection breaks as it falls behind', async () => {
    const dials: Holder[] = []
    const commands: Command[] = []
    const calls: string[] = []
    let breaks = false
    const sink = {
      full: false,
      whenDrained: () => {},
      put: () => void calls.push('put'),
      live: () => void calls.push('live'),
      finish: () => void calls.push('finish'),
      lost: () => void calls.push('lost'),
    }
    const second = Promise.withResolvers<void>()
    const reader = new Reader(
      async (_, holder) => {
        if (dials.push(holder) === 2) await second.promise
        return { send: (command) => (breaks ? holder.disconnected() : void commands.push(command)), close: () => {} }
      },
      sink,
      { position: 'live', subject: '' },
    )
    await reader.open()
    const turn = commands.at(-1)?.turn ?? 0
    reader.receive(turn, new Page('-', { seq: 1, tag: 'aaaaaa' }, 1, 'data: 1\n\n'))
    sink.full = true
    breaks = true
    reader.receive(turn, new Page(1, { seq: 2, tag: 'bbbbbb' }, 1, 'data: 2\n\n'))
    breaks = false
    await vi.waitFor(() => expect(dials).toHaveLength(2))
    sink.full = false
    second.resolve()
    await vi.waitFor(() => expect(commands.at(-1)).toMatchObject({ position: { seq: 1, tag: 'aaaaaa' } }))
    expect(calls).toEqual(['put', 'live'])
    reader.leave()
  })

  it('leaves no timer behind for a reader that leaves while its room is looked for', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const room = memoryBackends()('lobby')
      let dials = 0
      const backend = backendWith((...call) => (dials++ === 0 ? room.connect(...call) : new Promise(() => {})))
      const holders: Holder[] = []
      const messages = read({
        ...backend,
        connect: (admission, holder) => {
          holders.push(holder)
          return backend.connect(admission, holder)
        },
      })[Symbol.asyncIterator]()
      const next = messages.next()
      await vi.waitFor(() => expect(holders).toHaveLength(1))
      await vi.advanceTimersByTimeAsync(0)
      holders[0]?.disconnected()
      await vi.advanceTimersByTimeAsync(100)
      expect(dials).toBe(2)
      void messages.return?.()
      await next
      await vi.advanceTimersByTimeAsync(0)
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it('leaves no connection behind that comes after its reader has left, at first or on coming back', async () => {
    // The connection comes so many microtasks before the reader is told to stop: each finds the holder elsewhere.
    const moments = Array.from({ length: 16 }, (_, microtasks) => [0, 1].map((before) => ({ before, microtasks })))
    for (const { before, microtasks } of moments.flat()) {
      const backend = memoryBackends()('lobby')
      const late = Promise.withResolvers<void>()
      const dialled = Promise.withResolvers<void>()
      const holders: Holder[] = []
      let closed = 0
      const connect: RoomBackend['connect'] = async (admission, holder) => {
        if (holders.push(holder) > before) {
          dialled.resolve()
          await late.promise
        }
        const connection = await backend.connect(admission, holder)
        return connection === 'read'
          ? connection
          : { send: (command) => connection.send(command), close: () => void closed++ }
      }
      const messages = read({ ...backend, connect }, {})[Symbol.asyncIterator]()
      const next = messages.next()
      if (before > 0) {
        await vi.waitFor(async () => expect(holders).toHaveLength(1))
        await new Promise((resolve) => setTimeout(resolve))
        holders[0]?.disconnected()
      }
      await dialled.promise
      late.resolve()
      for (let n = 0; n < microtasks; n++) await Promise.resolve()
      void messages.return?.()
      expect((await next).done).toBe(true)
      await vi.waitFor(() => expect({ before, microtasks, closed }).toEqual({ before, microtasks, closed: 1 }))
    }
  })

  it('brings its ticket along until it was let in, and never again', async () => {
    const backend = memoryBackends()('lobby')
    const holders: Holder[] = []
    const tickets: unknown[] = []
    const connect: RoomBackend['connect'] = async (admission, holder) => {
      tickets.push(admission.ticket?.id)
      if (tickets.length === 1 || tickets.length === 3) throw new Error('network lost')
      holders.push(holder)
      return backend.connect(admission, holder)
    }
    const ticket = { id: 'once', expires: Date.now() + 30_000 }
    const request = new Request('http://localhost/', { headers: { accept: 'text/event-stream' } })
    const reader = new StreamReader(await subscribe({ ...backend, connect }, request, { ticket }))
    await reader.untilLive()
    holders[0]?.disconnected()
    await backend.publish([{ data: 'a' }], { subject: '' })
    expect(await reader.events(1)).toHaveLength(1)
    expect(tickets).toEqual(['once', 'once', undefined, undefined])
    await reader.leave()
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
