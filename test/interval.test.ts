import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { interval, sleep } from '../src/interval.ts'

beforeEach(() => void vi.useFakeTimers({ now: 0 }))
afterEach(() => void vi.useRealTimers())

const turn = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0)

/** An abort signal that counts the listeners it has. */
function countedSignal(): { controller: AbortController; listeners: () => number } {
  const controller = new AbortController()
  const { signal } = controller
  let listeners = 0
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  vi.spyOn(signal, 'addEventListener').mockImplementation((...list: Parameters<typeof add>) => {
    listeners++
    add(...list)
  })
  vi.spyOn(signal, 'removeEventListener').mockImplementation((...list: Parameters<typeof remove>) => {
    listeners--
    remove(...list)
  })
  return { controller, listeners: () => listeners }
}

describe('interval', () => {
  it('yields the time at once, and then after each interval', async () => {
    const controller = new AbortController()
    const seen: number[] = []
    const done = (async () => {
      for await (const now of interval(1000, controller.signal)) seen.push(now.getTime())
    })()
    await turn()
    expect(seen).toEqual([0])
    await vi.advanceTimersByTimeAsync(999)
    expect(seen).toEqual([0])
    await vi.advanceTimersByTimeAsync(1)
    expect(seen).toEqual([0, 1000])
    await vi.advanceTimersByTimeAsync(3000)
    expect(seen).toEqual([0, 1000, 2000, 3000, 4000])
    controller.abort()
    await done
  })

  it('ends without an error and without a timer when the signal aborts while it waits', async () => {
    const controller = new AbortController()
    const ticks = interval(1000, controller.signal)
    await ticks.next()
    const next = ticks.next()
    await turn()
    expect(vi.getTimerCount()).toBe(1)
    controller.abort(new Error('of its own'))
    expect(await next).toEqual({ done: true, value: undefined })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('yields nothing for a signal that has aborted', async () => {
    expect(await interval(1000, AbortSignal.abort()).next()).toEqual({ done: true, value: undefined })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('does not save up ticks for a consumer that takes longer', async () => {
    const controller = new AbortController()
    const ticks = interval(1000, controller.signal)
    await ticks.next()
    await vi.advanceTimersByTimeAsync(3500)
    let next: Date | undefined
    ticks.next().then(({ value }) => {
      next = value ?? undefined
    })
    await vi.advanceTimersByTimeAsync(999)
    expect(next).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1)
    expect(next?.getTime()).toBe(4500)
    controller.abort()
  })
})

describe('sleep', () => {
  it('resolves after its time, and leaves no listener behind', async () => {
    const { controller, listeners } = countedSignal()
    let awake = false
    const slept = sleep(50, controller.signal).then(() => {
      awake = true
    })
    expect(listeners()).toBe(1)
    await vi.advanceTimersByTimeAsync(49)
    expect(awake).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await slept
    expect(listeners()).toBe(0)
  })

  it('resolves at once when the signal aborts, and leaves no timer behind', async () => {
    const { controller, listeners } = countedSignal()
    const slept = sleep(50, controller.signal)
    controller.abort()
    await slept
    expect(vi.getTimerCount()).toBe(0)
    expect(listeners()).toBe(0)
  })

  it('resolves at once for a signal that has aborted, without a timer', async () => {
    await sleep(50, AbortSignal.abort())
    expect(vi.getTimerCount()).toBe(0)
  })
})
