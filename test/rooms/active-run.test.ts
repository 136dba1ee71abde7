import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SseError } from '../../src/errors.ts'
import { ActiveRun, type RunRoom } from '../../src/rooms/active-run.ts'
import type { TextMessage } from '../../src/rooms/frame.ts'
import type { Work } from '../../src/rooms/producer.ts'
import type { NewMessage } from '../../src/rooms/room.ts'
import type { Run } from '../../src/rooms/run.ts'

/** A room that keeps what comes, each write by itself, and fails where it is told to. */
class Recorder implements RunRoom {
  subscribers = 0
  failing = false
  readonly writes: string[][] = []
  finished: { state: string; last: string[] } | undefined

  async publish(messages: TextMessage[]): Promise<void> {
    this.#fail()
    this.writes.push(messages.map(({ data }) => data))
  }

  finish(messages: TextMessage[], { state }: Run): void {
    this.#fail()
    this.finished = { state, last: messages.map(({ event, data }) => (event ? JSON.parse(data).code : data)) }
  }

  #fail(): void {
    if (this.failing) throw new SseError('storage-unavailable', 'Cannot publish: the disk is full')
  }
}

const run = (whenEmpty: Run['whenEmpty'] = 'continue'): Run => ({
  id: 'run',
  producer: 'p',
  subject: '',
  key: null,
  hash: null,
  state: 'running',
  whenEmpty,
  then: 'close',
  at: 0,
})

describe('an active run', () => {
  let room: Recorder
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    room = new Recorder()
  })
  afterEach(() => vi.useRealTimers())

  const start = (work: Work, whenEmpty: Run['whenEmpty'] = 'continue', longest = Number.POSITIVE_INFINITY): ActiveRun =>
    new ActiveRun(run(whenEmpty), room, work, longest)
  /** Yields what the test hands it. */
  const byHand = (): { work: Work; say: (...data: string[]) => Promise<void>; end: () => void } => {
    const said: NewMessage[] = []
    let wake = (): void => {}
    let over = false
    return {
      work: async function* ({ signal }) {
        signal.addEventListener('abort', () => wake())
        while (!signal.aborted && !(over && said.length === 0)) {
          const message = said.shift()
          if (message) yield message
          else
            await new Promise<void>((resolve) => {
              wake = resolve
            })
        }
      },
      async say(...data) {
        said.push(...data.map((each) => ({ data: each })))
        wake()
        await vi.advanceTimersByTimeAsync(0)
      },
      end() {
        over = true
        wake()
      },
    }
  }

  it('stores the first message at once, and what follows every 50 ms', async () => {
    const { work, say, end } = byHand()
    const { ended } = start(work)
    await say('a', 'b', 'c')
    expect(room.writes).toEqual([['a']])
    await vi.advanceTimersByTimeAsync(49)
    await say('d')
    expect(room.writes).toEqual([['a']])
    await vi.advanceTimersByTimeAsync(1)
    expect(room.writes).toEqual([['a'], ['b', 'c', 'd']])
    await say('e')
    end()
    await ended
    expect(room.writes).toHaveLength(2)
    expect(room.finished).toEqual({ state: 'done', last: ['e'] })
  })

  it('does not wait with 4 KiB, and keeps a large message by itself', async () => {
    const { work, say } = byHand()
    const large = 'x'.repeat(4_096)
    start(work)
    await say('a', 'b', large, 'c')
    expect(room.writes).toEqual([['a'], ['b'], [large]])
    await say('y'.repeat(4_000), 'z'.repeat(100))
    expect(room.writes.at(-1)).toEqual(['c', 'y'.repeat(4_000), 'z'.repeat(100)])
  })

  it('does not run ahead of what can be stored', async () => {
    let yielded = 0
    let free = (): void => {}
    room.publish = () =>
      new Promise((resolve) => {
        free = () => resolve()
      })
    start(function* () {
      for (; yielded < 1_000; yielded++) yield { data: 'x'.repeat(5_000) }
    })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(yielded).toBe(0)
    free()
    await vi.advanceTimersByTimeAsync(0)
    expect(yielded).toBeLessThanOrEqual(2)
  })

  it('is stopped 10 s after its start where nobody came and that was asked for', async () => {
    const { work, say } = byHand()
    const { ended } = start(work, 'cancel')
    await say('a')
    await vi.advanceTimersByTimeAsync(9_999)
    expect(room.finished).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1)
    await ended
    expect(room.finished).toEqual({ state: 'stopped', last: ['producer-stopped'] })
  })

  it('goes on where somebody came, or where nobody needs to', async () => {
    for (const [subscribers, whenEmpty] of [
      [1, 'cancel'],
      [0, 'continue'],
    ] as const) {
      room.subscribers = subscribers
      start(byHand().work, whenEmpty)
      await vi.advanceTimersByTimeAsync(100_000)
      expect(room.finished).toBeUndefined()
    }
  })

  it('is given up when it takes too long', async () => {
    const { work, say } = byHand()
    const { ended } = start(work, 'continue', 900_000)
    await say('a')
    await vi.advanceTimersByTimeAsync(900_000)
    await ended
    expect(room.finished).toEqual({ state: 'failed', last: ['producer-timeout'] })
  })

  it('tries again for a while where the log cannot be written, and loses nothing', async () => {
    const { work, say, end } = byHand()
    const { ended } = start(work)
    room.failing = true
    await say('a', 'b')
    await vi.advanceTimersByTimeAsync(10_000)
    expect(room.writes).toEqual([])
    room.failing = false
    await vi.advanceTimersByTimeAsync(5_000)
    expect(room.writes[0]).toEqual(['a'])
    end()
    await vi.advanceTimersByTimeAsync(100)
    await ended
    expect([...room.writes.flat(), ...(room.finished?.last ?? [])]).toEqual(['a', 'b'])
  })

  it('fails where the log cannot be written for long, and says so as soon as it can', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { work, say } = byHand()
    const { ended } = start(work)
    room.failing = true
    await say('a')
    await vi.advanceTimersByTimeAsync(35_000)
    room.failing = false
    await vi.advanceTimersByTimeAsync(10_000)
    await ended
    expect(room.finished).toEqual({ state: 'failed', last: ['producer-failed'] })
    expect(log).toHaveBeenCalled()
    log.mockRestore()
  })

  it('stores nothing that comes after what could not be stored', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { work, say, end } = byHand()
    const { ended } = start(work)
    await say('a')
    room.failing = true
    await say('b')
    await vi.advanceTimersByTimeAsync(50)
    await say('c')
    end()
    await vi.advanceTimersByTimeAsync(35_000)
    room.failing = false
    await vi.advanceTimersByTimeAsync(5_000)
    await ended
    expect(room.writes).toEqual([['a']])
    expect(room.finished).toEqual({ state: 'failed', last: ['producer-failed'] })
    log.mockRestore()
  })

  it('ends when that can be stored, however long it takes', async () => {
    const { work, say, end } = byHand()
    const { ended } = start(work)
    await say('a')
    room.failing = true
    end()
    await vi.advanceTimersByTimeAsync(600_000)
    room.failing = false
    await vi.advanceTimersByTimeAsync(5_000)
    await ended
    expect(room.finished).toEqual({ state: 'done', last: [] })
  })

  it('aborts what a producer waits for when it has failed, and when what it said could not be stored', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const aborted = vi.fn()
    const says = (...messages: NewMessage[]): Work =>
      async function* ({ signal }) {
        signal.addEventListener('abort', aborted)
        yield* messages
        await new Promise(() => {})
      }
    await start(says({ data: 'a' }, { data: 'half a pair: \ud83d' })).ended
    expect(aborted).toHaveBeenCalledOnce()
    expect(room.finished).toEqual({ state: 'failed', last: ['producer-failed'] })

    const { ended } = start(says({ data: 'b' }, { data: 'c' }))
    await vi.advanceTimersByTimeAsync(0)
    room.failing = true
    await vi.advanceTimersByTimeAsync(35_000)
    expect(aborted).toHaveBeenCalledTimes(2)
    room.failing = false
    await vi.advanceTimersByTimeAsync(5_000)
    await ended
    expect(room.finished).toEqual({ state: 'failed', last: ['producer-failed'] })
    log.mockRestore()
  })

  it('leaves its end to others where its log was closed', async () => {
    const { work, say } = byHand()
    const active = start(work)
    await say('a')
    room.failing = true
    active.abandon()
    await active.ended
    expect(room.finished).toBeUndefined()
  })
})
