/** What a turn of the event loop is: everything at hand comes before it, and a fan-out collects what comes meanwhile. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { eventLoopTurn } from '../../src/rooms/event-loop-turn.ts'
import { memoryRooms } from '../../src/rooms/memory.ts'

describe('eventLoopTurn', () => {
  afterEach(() => vi.unstubAllGlobals())

  const order = async (): Promise<string[]> => {
    const done: string[] = []
    const turn = eventLoopTurn().then(() => done.push('turn'))
    for (let n = 0; n < 1_000; n++) await undefined
    done.push('microtasks')
    await turn
    return done
  }

  it('comes after all microtasks', async () => {
    expect(await order()).toEqual(['microtasks', 'turn'])
  })

  it('comes where a runtime has nothing but timers', async () => {
    vi.stubGlobal('setImmediate', undefined)
    vi.stubGlobal('scheduler', undefined)
    expect(await order()).toEqual(['microtasks', 'turn'])
  })

  it('collects what is published at once: a reader gets the first, then all others in one write', async () => {
    const room = memoryRooms().get('lobby')
    const reader = (await room.subscribe(new Request('http://localhost/'))).body?.getReader()
    const next = async (): Promise<string> => new TextDecoder().decode((await reader?.read())?.value)
    let joined = ''
    while (!joined.includes('stream.live')) joined += await next()
    const published = Promise.all(Array.from({ length: 100 }, (_, n) => room.publish({ data: `${n}` })))
    const writes = [await next(), await next()].map((text) => [...text.matchAll(/^data: (\d+)$/gm)].map(([, n]) => n))
    const all = Array.from({ length: 100 }, (_, n) => `${n}`)
    expect(writes).toEqual([all.slice(0, 1), all.slice(1)])
    await published
    await reader?.cancel()
  })
})
