import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RoomEngine } from '../../src/rooms/engine.ts'
import type { Commit } from '../../src/rooms/log.ts'
import { MemoryLog } from '../../src/rooms/memory-log.ts'
import type { Work } from '../../src/rooms/producer.ts'
import type { RunTerms } from '../../src/rooms/run.ts'

const terms = (whenEmpty: RunTerms['whenEmpty'] = 'continue'): RunTerms => ({
  producer: 'p',
  subject: '',
  whenEmpty,
  then: 'close',
})
const waiting: Work = async function* ({ signal }) {
  yield { data: 'begun' }
  await new Promise((resolve) => signal.addEventListener('abort', resolve))
}
const link = { receive: (): boolean => true }
/** Its disk fails until what this gives is called. */
const failing = (log: MemoryLog): (() => void) => {
  const commit = vi.spyOn(log, 'commit').mockImplementation((_: Commit) => {
    throw new Error('the disk fails')
  })
  return () => commit.mockRestore()
}
const states = (log: MemoryLog): string[] => Array.from(log.runs(), ({ state }) => state)
const said = (log: MemoryLog): string[] => Array.from(log.framesAfter(0), ({ blocks }) => blocks)

describe('runs', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })
  afterEach(() => vi.useRealTimers())

  const make = (log = new MemoryLog()): { log: MemoryLog; engine: RoomEngine } => ({
    log,
    engine: new RoomEngine(log, () => setImmediate()),
  })

  it('wait 5 s for a reader whose connection broke off, and stop with one that left', async () => {
    const { log, engine } = make()
    engine.runs.start(terms('cancel'), waiting)
    engine.connect(link)
    engine.disconnect(link, true)
    await vi.advanceTimersByTimeAsync(4_999)
    engine.connect(link)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(states(log)).toEqual(['running'])
    engine.disconnect(link, true)
    await vi.advanceTimersByTimeAsync(5_000)
    await setImmediate()
    expect(states(log)).toEqual(['stopped'])

    const other = make()
    other.engine.runs.start(terms('cancel'), waiting)
    other.engine.connect(link)
    other.engine.disconnect(link)
    for (let turns = 0; turns < 3; turns++) await setImmediate()
    expect(states(other.log)).toEqual(['stopped'])
  })

  it('that nobody works on are ended when the room wakes, and again when that failed', async () => {
    const { log, engine } = make()
    engine.runs.start(terms(), waiting)
    await setImmediate()
    const error = vi.spyOn(console, 'error').mockImplementation(() => {})
    const works = failing(log)
    const { engine: next } = make(log)
    expect(states(log)).toEqual(['running'])
    expect(error).toHaveBeenCalledOnce()
    works()
    error.mockRestore()
    next.tidy()
    expect(states(log)).toEqual(['failed'])
    expect(said(log).at(-1)).toContain('"code":"producer-lost"')
    expect(log.closed).toBe(true)
  })

  it('end when that can be stored: who stops one waits for that, and is told after 30 s', async () => {
    const { log, engine } = make()
    const { run } = engine.runs.start(terms(), waiting)
    await setImmediate()
    const works = failing(log)
    const refused = expect(engine.runs.stop(run)).rejects.toMatchObject({ code: 'storage-unavailable' })
    await vi.advanceTimersByTimeAsync(30_000)
    await refused
    expect(states(log)).toEqual(['running'])
    works()
    const stopped = engine.runs.stop(run)
    await vi.advanceTimersByTimeAsync(5_000)
    await stopped
    expect(states(log)).toEqual(['stopped'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('that nobody works on are ended by who stops them', async () => {
    const { log, engine } = make()
    const { run } = engine.runs.start(terms(), waiting)
    await setImmediate()
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const works = failing(log)
    const { engine: next } = make(log)
    works()
    await next.runs.stop(run)
    expect(states(log)).toEqual(['failed'])
    vi.restoreAllMocks()
  })

  it('keep their room in use, however long it is silent', async () => {
    const { log, engine } = make()
    engine.runs.start({ ...terms(), then: 'keep' }, async function* ({ signal }) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      yield { data: 'never' }
    })
    vi.setSystemTime(Date.now() + 48 * 3_600_000)
    for (let look = 0; look < 3; look++) engine.tidy()
    expect([log.exists, engine.inUse, engine.busy]).toEqual([true, true, true])
    engine.runs.stopAll()
    await setImmediate()
    expect(said(log).join('')).not.toContain('never')
  })
})
