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
    const commit = vi.spyOn(log, 'commit').mockImplementation((_: Commit) => {
      throw new Error('the disk fails')
    })
    const { engine: next } = make(log)
    expect(states(log)).toEqual(['running'])
    expect(error).toHaveBeenCalledOnce()
    commit.mockRestore()
    error.mockRestore()
    next.tidy()
    expect(states(log)).toEqual(['failed'])
    expect(said(log).at(-1)).toContain('"code":"producer-lost"')
    expect(log.closed).toBe(true)
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
