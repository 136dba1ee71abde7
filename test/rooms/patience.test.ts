/** How long readers wait for a room that is away, by a clock that is moved on by hand. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RoomBackend } from '../../src/rooms/backend.ts'
import type { Holder } from '../../src/rooms/holder.ts'
import { makeRoom } from '../../src/rooms/make-room.ts'
import { memoryBackends } from '../../src/rooms/memory.ts'
import type { Room } from '../../src/rooms/room.ts'
import { StreamReader } from './stream-reader.ts'

const PATIENCE = 30_000
/** The longest pause between two tries: who is in it when time is up gives up after it. */
const LONGEST_PAUSE = 5_000

/**
 * A room in memory that can be away: it does not answer who connects, or refuses, or breaks off at every ask, or dies
 * soon after it has let somebody in.
 */
class FarRoom {
  state: 'there' | 'silent' | 'refusing' | 'breaking' | 'dying' = 'there'
  dials = 0
  closed = 0
  readonly room: Room
  readonly #holders: Holder[] = []
  readonly #waiting: (() => void)[] = []

  constructor() {
    const backend = memoryBackends()('lobby')
    const connect: RoomBackend['connect'] = async (admission, holder) => {
      this.dials++
      if (this.state === 'refusing') throw new Error('network lost')
      if (this.state === 'silent') await new Promise<void>((resolve) => this.#waiting.push(resolve))
      this.#holders.push(holder)
      if (this.state === 'dying') setTimeout(() => holder.disconnected(), 1)
      const connection = await backend.connect(admission, holder)
      if (connection === 'read') return connection
      const close = (): void => {
        this.closed++
        connection.close()
      }
      const send: typeof connection.send = (command) =>
        this.state === 'breaking' ? holder.disconnected() : connection.send(command)
      return { send, close }
    }
    this.room = makeRoom('lobby', { ...backend, connect })
  }

  /** It goes, and with it everybody's connection. */
  goes(how: 'silent' | 'refusing' | 'breaking' | 'dying'): void {
    this.state = how
    for (const holder of this.#holders.splice(0)) holder.disconnected()
  }

  /** It is back, and answers those that wait. */
  comes(): void {
    this.state = 'there'
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  async subscribe(accept = '*/*'): Promise<StreamReader> {
    return new StreamReader(await this.room.subscribe(new Request('http://localhost/', { headers: { accept } })))
  }
}

describe('a reader whose room is away', () => {
  let far: FarRoom
  let reader: StreamReader | undefined

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    far = new FarRoom()
  })
  afterEach(async () => {
    await reader?.leave()
    vi.useRealTimers()
  })

  it.each(['silent', 'refusing', 'breaking'] as const)(
    'waits for 30 s and is then sent to come back: the room is %s',
    async (how) => {
      reader = await far.subscribe()
      await reader.untilLive()
      let rest: unknown
      const ending = reader.all().then((messages) => {
        rest = messages
      })
      far.goes(how)
      await vi.advanceTimersByTimeAsync(PATIENCE - 1)
      expect(rest).toBeUndefined()
      await vi.advanceTimersByTimeAsync(1 + LONGEST_PAUSE)
      await ending
      expect(rest).toEqual([{ event: 'stream.end', data: '{"reconnect":true}' }])
    },
  )

  it.each(['refusing', 'breaking'] as const)('tries less and less often: the room is %s', async (how) => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
    reader = await far.subscribe()
    await reader.untilLive()
    far.goes(how)
    const tries: number[] = []
    for (let second = 0; second < 30; second++) {
      const before = far.dials
      await vi.advanceTimersByTimeAsync(1_000)
      tries.push(far.dials - before)
    }
    vi.mocked(Math.random).mockRestore()
    expect(tries[0]).toBe(4) // After 50, 150, 350 and 750 ms.
    expect(tries.slice(10).every((count) => count <= 1)).toBe(true)
    expect(far.dials).toBeLessThan(20)
  })

  it('tries less and less often also while it is stalled, and does not give up for that', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
    reader = await far.subscribe()
    await reader.untilLive()
    const ids: string[] = []
    for (let n = 0; n < 40; n++) ids.push((await far.room.publish({ data: 'x'.repeat(20_000) })).id)
    far.goes('dying')
    const before = far.dials
    await vi.advanceTimersByTimeAsync(60_000)
    expect(far.dials - before).toBeGreaterThan(10)
    expect(far.dials - before).toBeLessThan(40)
    vi.mocked(Math.random).mockRestore()
    far.comes()
    await vi.advanceTimersByTimeAsync(LONGEST_PAUSE + 1)
    expect(await reader.events(40)).toEqual(ids)
  })

  it('goes on where it was when the room is back in time, and misses nothing', async () => {
    reader = await far.subscribe()
    await reader.untilLive()
    far.goes('silent')
    await vi.advanceTimersByTimeAsync(PATIENCE - 2_000)
    await far.room.publish({ data: 'while away' })
    far.comes()
    const { id } = await far.room.publish({ data: 'after' })
    const messages = await reader.until((message) => message.id === id)
    expect(messages.filter(({ event }) => event === undefined).map(({ data }) => data)).toEqual(['while away', 'after'])
    expect(reader.complete().filter(({ event }) => event === 'stream.live')).toHaveLength(1)
  })

  it('that comes for the first time is told after 30 s, and what answers later is let go', async () => {
    far.state = 'silent'
    const answer = far.room.subscribe(new Request('http://localhost/'))
    await vi.advanceTimersByTimeAsync(PATIENCE)
    expect((await answer).status).toBe(503)
    far.comes()
    await vi.waitFor(() => expect(far.closed).toBe(1))
    await far.room.publish({ data: 1 })
    expect(await far.room.info()).toMatchObject({ subscribers: 0 })
  })

  it('that comes as an EventSource for the first time is let in, and its room looked for meanwhile', async () => {
    far.state = 'refusing'
    reader = await far.subscribe('text/event-stream')
    far.comes()
    await vi.advanceTimersByTimeAsync(1_000)
    expect((await reader.untilLive()).at(-1)).toMatchObject({ event: 'stream.live' })
  })

  it('is told by an error in code', async () => {
    const messages = far.room.read()[Symbol.asyncIterator]()
    const next = messages.next().catch((error: unknown) => error)
    await vi.waitFor(() => expect(far.dials).toBe(1))
    far.goes('silent')
    await vi.advanceTimersByTimeAsync(PATIENCE + 1)
    expect(await next).toMatchObject({ code: 'storage-unavailable' })
  })
})
