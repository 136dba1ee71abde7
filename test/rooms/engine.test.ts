/** What the room's side does call by call: the contract suite sees it only from outside. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Page } from '../../src/rooms/bridge.ts'
import { RoomEngine } from '../../src/rooms/engine.ts'
import type { Commit } from '../../src/rooms/log.ts'
import type { Stored } from '../../src/rooms/log-keeper.ts'
import { MemoryLog } from '../../src/rooms/memory-log.ts'
import type { Retention } from '../../src/rooms/retention.ts'
import type { Link } from '../../src/rooms/subscribers.ts'

class RecordingLink implements Link {
  turn = 0
  readonly pages: { turn: number; page: Page }[] = []
  attach(turn: number): void {
    this.turn = turn
  }
  receive(turn: number, page: Page): boolean {
    this.pages.push({ turn, page })
    return true
  }
  /** Headers of what came since the last time, as on the wire: `<turn> <from> <to> <live>`. */
  headers(): string[] {
    return this.pages.splice(0).map(({ turn, page: { from, to, live } }) => `${turn} ${from} ${to.seq} ${live}`)
  }
}

describe('RoomEngine', () => {
  let log: MemoryLog
  let turns: (() => void)[]
  let engine: RoomEngine
  const publish = (...data: unknown[]): Promise<Stored> =>
    engine.publish(
      data.map((each) => ({ data: String(each) })),
      { subject: '' },
    )
  const liveLink = (turn = 1): RecordingLink => {
    const link = new RecordingLink()
    engine.connect(link)
    engine.command(link, { turn, position: 'live', first: true })
    link.headers()
    return link
  }
  /** Lets the event loop turn once, as the engine sees it. */
  const turn = async (): Promise<void> => {
    for (const resolve of turns.splice(0)) resolve()
    for (let n = 0; n < 5; n++) await Promise.resolve()
  }

  beforeEach(() => {
    log = new MemoryLog()
    turns = []
    engine = new RoomEngine(log, () => new Promise((resolve) => turns.push(resolve)))
  })

  it('sends at once what finds it at rest, and what comes meanwhile with the next flush, in one page', async () => {
    const link = liveLink()
    await publish('a')
    expect(link.headers()).toEqual(['1 0 1 1'])
    const answered: number[] = []
    const waiting = [publish('b').then(() => answered.push(2)), publish('c').then(() => answered.push(3))]
    await Promise.resolve()
    expect([link.headers(), answered]).toEqual([[], []])
    await turn()
    await Promise.all(waiting)
    expect(link.headers()).toEqual(['1 1 3 1'])
    await turn() // Nothing came: at rest.
    await publish('d')
    expect(link.headers()).toEqual(['1 3 4 1'])
  })

  it('stores before it sends, and neither sends nor counts what could not be stored', async () => {
    const order: string[] = []
    const link = liveLink()
    link.receive = (_, page) => order.push(`deliver ${page.to.seq}`) > 0
    const commit = log.commit.bind(log)
    log.commit = (change: Commit) => {
      order.push(`commit ${change.frames?.at(-1)?.last}`)
      commit(change)
    }
    await publish('a')
    expect(order).toEqual(['commit 1', 'deliver 1'])
    await turn()
    log.commit = () => {
      throw new Error('disk full')
    }
    await expect(publish('b')).rejects.toMatchObject({ code: 'storage-unavailable' })
    expect(order).toHaveLength(2)
    log.commit = commit
    expect(await publish('c')).toMatchObject({ first: 2, last: 2 })
  })

  it('answers the retry of what another engine stored only when it has written something itself', async () => {
    const key = { name: 'k', hash: 'h' }
    const retry = (of: RoomEngine): Promise<Stored> => of.publish([{ data: 'a' }], { subject: '', key })
    const { first, tag } = await retry(engine)
    const reopened = new RoomEngine(log, async () => {})
    const commit = log.commit.bind(log)
    let commits = 0
    log.commit = () => {
      throw new Error('no sync')
    }
    await expect(retry(reopened)).rejects.toMatchObject({ code: 'storage-unavailable' })
    log.commit = (change: Commit) => {
      commits++
      commit(change)
    }
    for (let n = 0; n < 3; n++) expect(await retry(reopened)).toEqual({ first, last: first, tag, duplicate: true })
    expect(commits).toBe(1)
    expect([log.head.seq, log.findKey('', 'k')?.first]).toEqual([1, 1])
  })

  it('answers an ask with one page, and only what was sent', async () => {
    await publish('a')
    void publish('b') // Appended, not sent.
    const link = new RecordingLink()
    engine.connect(link)
    engine.command(link, { turn: 1, position: 'start', first: true })
    expect([link.turn, ...link.headers()]).toEqual([1, '1 - 1 1'])
    await turn()
    expect(link.headers()).toEqual(['1 1 2 1'])
  })

  it('flushes first for a good cursor beyond what was sent', async () => {
    await publish('a')
    const other = liveLink(7)
    const ahead = publish('b')
    const link = new RecordingLink()
    engine.connect(link)
    other.headers()
    const { seq, tag } = log.head
    engine.command(link, { turn: 1, position: { seq, tag }, first: true })
    expect(other.headers()).toEqual(['7 1 2 1'])
    expect(link.headers()).toEqual(['1 2 2 1'])
    await turn()
    await ahead
  })

  it('cuts pages at block borders within 64 KiB, also inside a frame, and gives at least one block', async () => {
    await publish('x'.repeat(30_000), 'y'.repeat(30_000), 'z'.repeat(30_000))
    await turn()
    await publish('w'.repeat(200_000))
    const link = new RecordingLink()
    engine.connect(link)
    const ask = (turn: number, seq: number): string[] => {
      const position = seq === 0 ? ('start' as const) : { seq, tag: log.tagAt(seq) ?? '' }
      engine.command(link, { turn, position, first: false })
      return link.headers()
    }
    expect(ask(1, 0)).toEqual(['1 - 2 0'])
    expect(ask(2, 1)).toEqual(['2 1 3 0'])
    expect(ask(3, 2)).toEqual(['3 2 3 0'])
    expect(ask(4, 3)).toEqual(['4 3 4 1'])
  })

  it('sends a flush longer than a page as several, that follow each other', async () => {
    const link = liveLink()
    await publish('a')
    link.headers()
    const waiting = Array.from({ length: 4 }, () => publish('x'.repeat(30_000)))
    await turn()
    await Promise.all(waiting)
    expect(link.headers()).toEqual(['1 1 3 1', '1 3 5 1'])
  })

  it('flushes with the turn of a publish that waits, where that of the first one never comes', async () => {
    const link = liveLink()
    await publish('a')
    turns.length = 0 // The request that began the fan-out has ended, and its timer with it.
    link.headers()
    for (const data of ['b', 'c']) {
      const waiting = publish(data)
      await turn()
      await waiting
    }
    expect(link.headers()).toEqual(['1 1 2 1', '1 2 3 1'])
  })

  it('refuses to keep nothing', () => {
    for (const field of ['events', 'bytes', 'age'])
      for (const value of [0, -1, Number.NaN])
        expect(() => new RoomEngine(log, async () => {}, { retention: { [field]: value } })).toThrow(
          expect.objectContaining({ code: 'invalid-option', field: `retention.${field}` }),
        )
  })

  it('is silent to a link that stopped, until it asks again', async () => {
    const link = liveLink()
    engine.command(link, { turn: 2 })
    await publish('a')
    expect([link.turn, ...link.headers()]).toEqual([0])
    engine.command(link, { turn: 3, position: { seq: 0, tag: '-' }, first: false })
    expect(link.headers()).toEqual(['3 0 1 1'])
  })

  it('does not take a link back that is gone', async () => {
    const link = liveLink()
    engine.disconnect(link)
    engine.command(link, { turn: 2, position: 'live', first: true })
    link.headers()
    await publish('a')
    expect([engine.info()?.subscribers, ...link.headers()]).toEqual([0])
  })

  it('never lets its floor pass what was sent', async () => {
    engine = new RoomEngine(log, () => new Promise((resolve) => turns.push(resolve)), { retention: { events: 2 } })
    const link = liveLink()
    const waiting = Array.from({ length: 10 }, (_, n) => publish(n))
    expect(log.floor.seq).toBeLessThanOrEqual(1)
    await turn()
    await Promise.all(waiting)
    expect(link.headers().map((header) => header.split(' ')[2])).toEqual(['1', '10'])
    await turn()
    await publish('more')
    expect(log.floor.seq).toBe(9)
  })

  it('says a gap and what is retained in one page, and slow to who was served before', async () => {
    engine = new RoomEngine(log, () => new Promise((resolve) => turns.push(resolve)), { retention: { events: 2 } })
    const old = log.head
    await publish('first')
    const tag = log.tagAt(1) ?? ''
    for (let n = 0; n < 6; n++) {
      await turn()
      await turn()
      await publish(n)
    }
    expect(old.seq).toBe(0)
    const link = new RecordingLink()
    engine.connect(link)
    for (const [first, reason] of [
      [true, 'expired'],
      [false, 'slow'],
    ] as const) {
      engine.command(link, { turn: 1, position: { seq: 1, tag }, first })
      const [{ page } = { page: undefined }] = link.pages
      expect(page?.blocks).toMatch(new RegExp(`^event: stream.gap\ndata: {"reason":"${reason}"`))
      expect(page?.blocks.match(/^event: stream.gap$/gm)).toHaveLength(1)
      expect(link.headers()).toEqual([`1 1 ${log.head.seq} 1`])
    }
  })

  it('tells how many read when it has changed by one and by 5 %, and a crowd only so often', () => {
    const first = liveLink()
    for (let n = 0; n < 399; n++) engine.connect(new RecordingLink())
    const told = first.pages.splice(0).map(({ page }) => Number(/"subscribers":(\d+)/.exec(page.blocks)?.[1]))
    expect(told.slice(0, 5)).toEqual([2, 3, 4, 5, 6])
    expect(told.length).toBeLessThan(80)
    expect(told.at(-1)).toBeGreaterThan(380)
  })

  it('begins with what was sent when it wakes with readers that are live', async () => {
    await publish('a')
    await turn()
    const link = new RecordingLink()
    const woken = new RoomEngine(log, async () => {}, { links: [[link, 5]] })
    await woken.publish([{ data: 'b' }], { subject: '' })
    expect(link.headers()).toEqual(['5 1 2 1'])
  })

  describe('retention', () => {
    const block = 'data: xxxxxxxxxxx\nid: 1-aaaaaa\n\n'.length
    const HOUR = 3_600_000
    const keeping = (retention: Partial<Retention>): void => {
      engine = new RoomEngine(log, async () => {}, { retention })
    }

    afterEach(() => vi.useRealTimers())

    it.each([9, 10, 11, 12, 40])('by bytes keeps what fits of %i events, and a tenth more at most', async (count) => {
      keeping({ bytes: 10 * block })
      for (let n = 0; n < count; n++) {
        await publish('x'.repeat(n < 9 ? 11 : 10))
        expect(log.bytes).toBe([...log.framesAfter(0)].reduce((sum, { blocks }) => sum + blocks.length, 0))
        expect(log.bytes).toBeLessThanOrEqual(11 * block)
      }
      expect(log.head.seq - log.floor.seq).toBeGreaterThanOrEqual(Math.min(count, 10))
      if (count <= 11) expect(log.floor.seq).toBe(0)
      if (count === 12) expect(log.floor.seq).toBe(2)
    })

    it('by bytes cuts between frames, never inside a batch', async () => {
      keeping({ bytes: 10 * block })
      await publish(...Array.from({ length: 8 }, () => 'xxxxxxxxxxx'))
      for (let n = 9; n <= 12; n++) await publish('xxxxxxxxxx')
      expect(log.floor.seq).toBe(8)
    })

    it('lets go of a batch that is more than it keeps once the next has come', async () => {
      keeping({ bytes: 3 * block, events: 3 })
      await publish(...Array.from({ length: 8 }, () => 'x'))
      expect(log.floor.seq).toBe(0)
      await publish('x')
      expect(log.floor.seq).toBe(8)
    })

    it('by age lets go of what is too old, and of nothing else, when it looks', async () => {
      vi.useFakeTimers({ toFake: ['Date'] })
      const reminders: number[] = []
      engine = new RoomEngine(log, async () => {}, {
        retention: { age: 10 * HOUR },
        remind: (ms) => reminders.push(ms),
      })
      for (let n = 0; n < 5; n++) {
        await publish(n)
        vi.advanceTimersByTime(HOUR)
      }
      expect(reminders).toEqual([11 * HOUR])
      expect([engine.tidy(), log.floor.seq]).toEqual([6 * HOUR, 0])
      vi.advanceTimersByTime(5 * HOUR - 1)
      expect([engine.tidy(), log.floor.seq]).toEqual([HOUR + 1, 0])
      vi.advanceTimersByTime(1)
      expect([engine.tidy(), log.floor.seq]).toEqual([2 * HOUR, 1])
      vi.advanceTimersByTime(3 * HOUR)
      expect([engine.tidy(), log.floor.seq]).toEqual([2 * HOUR, 4])
    })

    it('moves its floor only forward, whatever the clock does', async () => {
      vi.useFakeTimers({ toFake: ['Date'] })
      keeping({ age: 10 * HOUR, events: 20 })
      const steps = [HOUR, -HOUR, 3 * HOUR, -4 * HOUR, 30 * HOUR]
      let floor = 0
      for (let n = 0; n < 200; n++) {
        vi.setSystemTime(Date.now() + (steps[n % 5] ?? 0) * (n % 3))
        await publish(n)
        const wait = engine.tidy()
        expect(wait).toBeGreaterThanOrEqual(0)
        expect(wait).toBeLessThanOrEqual(24 * HOUR)
        expect(log.floor.seq).toBeGreaterThanOrEqual(floor)
        expect(log.floor.seq).toBeLessThanOrEqual(log.head.seq)
        floor = log.floor.seq
      }
      expect(floor).toBeGreaterThan(150)
    })

    it('is not held up by what a clock stamped that was far ahead', async () => {
      vi.useFakeTimers({ toFake: ['Date'] })
      keeping({ age: 10 * HOUR })
      const now = Date.now()
      vi.setSystemTime(now + 10_000 * HOUR)
      await publish('from the future')
      vi.setSystemTime(now)
      await publish('now')
      vi.setSystemTime(now + 11 * HOUR)
      engine.tidy()
      expect(log.floor.seq).toBe(2)
    })

    it('by age never lets go of what was not sent', async () => {
      vi.useFakeTimers({ toFake: ['Date'] })
      engine = new RoomEngine(log, () => new Promise((resolve) => turns.push(resolve)), { retention: { age: HOUR } })
      await publish('sent')
      void publish('appended')
      vi.advanceTimersByTime(5 * HOUR)
      engine.tidy()
      expect(log.floor.seq).toBe(1)
    })

    it('forgets an empty room after 24 hours, not before, and not while somebody reads', async () => {
      vi.useFakeTimers({ toFake: ['Date'] })
      keeping({ age: HOUR })
      await publish('a')
      vi.advanceTimersByTime(HOUR)
      expect([engine.tidy(), log.head.seq, log.exists]).toEqual([24 * HOUR, 1, true])
      vi.advanceTimersByTime(24 * HOUR - 1)
      expect([engine.tidy(), log.exists]).toEqual([1, true])
      const link = liveLink()
      vi.advanceTimersByTime(1)
      expect([engine.tidy(), log.exists]).toEqual([24 * HOUR, true])
      engine.disconnect(link)
      // Who reads may be between two connections: only the second look that finds nobody is the last.
      expect([engine.tidy(), log.exists]).toEqual([5_000, true])
      engine.connect(link)
      expect([engine.tidy(), log.exists]).toEqual([24 * HOUR, true])
      engine.disconnect(link)
      expect([engine.tidy(), log.exists]).toEqual([5_000, true])
      expect([engine.tidy(), log.exists]).toEqual([undefined, false])
      expect(engine.info()).toBeUndefined()
      expect(await publish('new')).toMatchObject({ first: 1 })
    })

    it('goes on counting in a room that was empty, and begins its 24 hours anew', async () => {
      vi.useFakeTimers({ toFake: ['Date'] })
      keeping({ age: HOUR })
      await publish('a')
      vi.advanceTimersByTime(HOUR)
      engine.tidy()
      vi.advanceTimersByTime(23 * HOUR)
      expect(await publish('b')).toMatchObject({ first: 2 })
      vi.advanceTimersByTime(HOUR)
      expect([engine.tidy(), log.floor.seq]).toEqual([24 * HOUR, 2])
    })
  })

  describe('purge', () => {
    it('says nothing to readers at the head, and slow to one that lags', async () => {
      const link = liveLink()
      await publish('a')
      await turn()
      const behind = new RecordingLink()
      engine.connect(behind)
      engine.command(behind, { turn: 1, position: 'start', first: true })
      await publish('b')
      await turn()
      await turn()
      engine.command(behind, { turn: 2 })
      const position = { seq: 1, tag: log.tagAt(1) ?? '' }
      link.headers()
      behind.pages.length = 0
      engine.purge()
      expect(link.headers()).toEqual([])
      expect(engine.info()).toMatchObject({ oldest: null, newest: `2-${log.head.tag}`, count: 0 })
      engine.command(behind, { turn: 3, position, first: false })
      expect(behind.pages[0]?.page.blocks).toContain(
        `data: {"reason":"slow","asked":"1-${position.tag}","oldest":null,"newest":"2-${log.head.tag}"}`,
      )
      expect(behind.headers()).toEqual(['3 1 2 1'])
      await publish('c')
      expect([link.headers(), behind.headers()]).toEqual([['1 2 3 1'], ['3 2 3 1']])
    })

    it('sends what waits before it lets go', async () => {
      const link = liveLink()
      await publish('a')
      const waiting = publish('b')
      engine.purge()
      expect(link.headers()).toEqual(['1 0 1 1', '1 1 2 1'])
      await turn()
      await waiting
      expect(log.floor).toEqual(log.head)
    })

    it('leaves an absent room absent', () => {
      engine.purge()
      expect(log.exists).toBe(false)
    })

    it('changes nothing when the log cannot be written', async () => {
      await publish('a')
      log.commit = () => {
        throw new Error('disk full')
      }
      expect(() => engine.purge()).toThrow(expect.objectContaining({ code: 'storage-unavailable' }))
      expect(log.floor.seq).toBe(0)
    })
  })

  describe('a batch', () => {
    it('is one transaction and one tag, in frames of at most 256 KiB, and refused whole above 1 MiB', async () => {
      const commits: Commit[] = []
      const commit = log.commit.bind(log)
      log.commit = (change: Commit) => {
        commits.push(change)
        commit(change)
      }
      const stored = await publish(...Array.from({ length: 10 }, () => 'x'.repeat(100_000)))
      expect(stored).toMatchObject({ first: 1, last: 10, duplicate: false })
      expect(commits).toHaveLength(1)
      const frames = commits[0]?.frames ?? []
      expect(frames.map(({ first, last }) => [first, last])).toEqual([
        [1, 2],
        [3, 4],
        [5, 6],
        [7, 8],
        [9, 10],
      ])
      for (const { tag, bytes, blocks } of frames)
        expect([tag, bytes <= 262_144, bytes]).toEqual([stored.tag, true, blocks.length])
      await expect(publish(...Array.from({ length: 11 }, () => 'x'.repeat(100_000)))).rejects.toMatchObject({
        code: 'payload-too-large',
      })
      expect(log.head.seq).toBe(10)
    })
  })
})
