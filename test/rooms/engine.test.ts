/** What the room's side does call by call: the contract suite sees it only from outside. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Page } from '../../src/rooms/bridge.ts'
import { RoomEngine } from '../../src/rooms/engine.ts'
import type { Commit } from '../../src/rooms/log.ts'
import { MemoryLog } from '../../src/rooms/memory-log.ts'
import type { Link } from '../../src/rooms/subscribers.ts'

class RecordingLink implements Link {
  turn = 0
  readonly pages: { turn: number; page: Page }[] = []
  deliver(turn: number, page: Page): void {
    this.pages.push({ turn, page })
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
  const publish = (...data: unknown[]): Promise<{ ids: string[] }> =>
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
    link.deliver = (_, page) => order.push(`deliver ${page.to.seq}`)
    const commit = log.commit.bind(log)
    log.commit = (change: Commit) => {
      order.push(`commit ${change.frame?.last}`)
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
    expect((await publish('c')).ids).toEqual([expect.stringMatching(/^2-/)])
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
    for (const events of [0, -1, Number.NaN])
      expect(() => new RoomEngine(log, async () => {}, { events })).toThrow(
        expect.objectContaining({ code: 'invalid-option' }),
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

  it('never lets its floor pass what was sent', async () => {
    engine = new RoomEngine(log, () => new Promise((resolve) => turns.push(resolve)), { events: 2 })
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
    engine = new RoomEngine(log, () => new Promise((resolve) => turns.push(resolve)), { events: 2 })
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
    link.turn = 5
    const woken = new RoomEngine(log, async () => {}, { links: [link] })
    await woken.publish([{ data: 'b' }], { subject: '' })
    expect(link.headers()).toEqual(['5 1 2 1'])
  })
})
