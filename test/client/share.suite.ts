/** `share` where there are locks and channels: tabs of one process, rooms in memory, and words that are held back. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { StandardSchema } from '../../src/client/standard-schema.ts'
import { SseError } from '../../src/index.ts'
import { Schedule } from './share-schedules.ts'
import { Browser, eventually, quickly, RoomOrigin, run, ScriptedOrigin, streamOf, type Tab } from './shared-tabs.ts'

const KIB = 1_024

/** Registers the tests. */
export function shareSuite(): void {
  let browser: Browser
  beforeEach(() => {
    browser = new Browser()
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    await browser.close()
  })

  /** All tabs have what each of them should, over one connection. */
  async function expectAll(origin: RoomOrigin, expected: [Tab, (number | string)[]][]): Promise<void> {
    for (const [tab, numbers] of expected) await eventually(() => tab.numbers).toEqual(numbers)
    await eventually(() => origin.readers()).toBe(1)
  }

  describe('tabs that share', () => {
    it('read over one connection, each every message once', async () => {
      const origin = new RoomOrigin()
      const tabs = await browser.openLive(origin, 4)
      await origin.say(20)
      await expectAll(
        origin,
        tabs.map((tab) => [tab, run(1, 20)]),
      )
      expect(origin.dials).toBe(1)
      const ids = tabs.map(({ connection }) => connection.lastEventId)
      expect(new Set(ids).size).toBe(1)
      expect(ids[0]).toMatch(/^20-/)
    })

    it('do nothing before the first message is asked for', async () => {
      const origin = new RoomOrigin()
      const [first] = (await browser.openLive(origin, 1)) as [Tab]
      await browser.close()
      const { connection } = first
      expect(connection.state.phase).toBe('closed')
      expect(() => connection[Symbol.asyncIterator]()).toThrow(expect.objectContaining({ code: 'already-open' }))
      expect(origin.dials).toBe(1)
    })

    it('begin where the one is that reads, when they are opened without a cursor', async () => {
      const origin = new RoomOrigin()
      const [first] = (await browser.openLive(origin, 1)) as [Tab]
      await origin.say(3)
      await eventually(() => first.numbers).toEqual([1, 2, 3])
      const late = browser.open(origin)
      await eventually(() => late.connection.lastEventId).toBe(first.connection.lastEventId)
      await origin.say(2)
      await expectAll(origin, [
        [first, run(1, 5)],
        [late, [4, 5]],
      ])
      expect(origin.dials).toBe(1)
    })

    it('read what is after their cursor on their own, and then go over to the others', async () => {
      const origin = new RoomOrigin()
      const [first] = (await browser.openLive(origin, 1)) as [Tab]
      await origin.say(1)
      await eventually(() => first.numbers).toEqual([1])
      const lastEventId = first.connection.lastEventId
      await origin.say(4)
      const late = browser.open(origin, { lastEventId })
      await eventually(() => late.numbers).toEqual(run(2, 5))
      // Without a message that would lead them together.
      await eventually(() => origin.readers()).toBe(1)
      await origin.say(3)
      await expectAll(origin, [
        [first, run(1, 8)],
        [late, run(2, 8)],
      ])
      expect(origin.dials).toBe(2)
    })

    it('read the whole history where their URL says so, though the one that reads is further', async () => {
      const origin = new RoomOrigin()
      await origin.say(5)
      const first = browser.open(origin, { search: '?from=start' })
      await eventually(() => first.numbers).toEqual(run(1, 5))
      const late = browser.open(origin, { search: '?from=start' })
      await eventually(() => late.numbers).toEqual(run(1, 5))
      await eventually(() => origin.readers()).toBe(1)
      await first.connection.close()
      await origin.say(5)
      await expectAll(origin, [[late, run(1, 10)]])
    })

    it('stay apart under names of their own', async () => {
      const origin = new RoomOrigin()
      await origin.say(1)
      browser.open(origin, { name: `${browser.name}-a` })
      browser.open(origin, { name: `${browser.name}-b` })
      await eventually(() => origin.readers()).toBe(2)
    })

    it('make of the data what each of them wants', async () => {
      const origin = new RoomOrigin()
      const parsed: unknown[] = []
      const one: StandardSchema<unknown> = {
        '~standard': {
          version: 1,
          vendor: 'test',
          validate: (value) => (value === 1 ? { value } : { issues: [{ message: 'not one' }] }),
        },
      }
      const [text] = (await browser.openLive(origin, 1)) as [Tab]
      const json = browser.open(origin, {
        parse: (data, event) => {
          parsed.push([JSON.parse(data), event])
          return data
        },
      })
      const strict = browser.open(origin, { schemas: { message: one } as never })
      for (const tab of [json, strict]) await eventually(() => tab.connection.state.phase).toBe('live')
      await origin.say(2)
      await eventually(() => strict.ending).toMatchObject({ code: 'invalid-message', field: 'message' })
      expect(strict.connection.lastEventId).toMatch(/^1-/)
      await origin.say(1)
      await expectAll(origin, [
        [text, [1, 2, 3]],
        [json, [1, 2, 3]],
        [strict, [1]],
      ])
      expect(parsed).toEqual([1, 2, 3].map((n) => [n, 'message']))
    })
  })

  describe('when the tab that leads is closed', () => {
    it('another goes on after the last message that all of them have', async () => {
      const origin = new RoomOrigin()
      const tabs = await browser.openLive(origin, 5)
      for (let leader = 0; leader < 4; leader++) {
        void origin.say(5)
        await tabs[leader]?.connection.close()
        await origin.say(5)
        await expectAll(
          origin,
          tabs.slice(leader + 1).map((tab) => [tab, run(1, origin.said)]),
        )
      }
      expect(origin.dials).toBe(5)
    })

    it.each([1, 2])('no message is lost on its way to tab %i, nor told twice', async (slow) => {
      quickly()
      const origin = new RoomOrigin()
      const [leader, ...others] = (await browser.openLive(origin, 3)) as [Tab, Tab, Tab]
      const tab = [leader, ...others][slow] as Tab
      await origin.say(2)
      for (const each of others) await eventually(() => each.numbers).toEqual([1, 2])
      tab.channel?.hold()
      await origin.say(3)
      const other = others.find((each) => each !== tab) as Tab
      await eventually(() => other.numbers).toEqual(run(1, 5))
      await leader.connection.close()
      await eventually(() => origin.dials).toBeGreaterThan(1)
      await origin.say(2)
      await eventually(() => other.numbers).toEqual(run(1, 7))
      tab.channel?.release()
      await origin.say(1)
      await expectAll(
        origin,
        others.map((each) => [each, run(1, 8)]),
      )
    })

    it('one whose turn it is begins where the last of all is', async () => {
      const origin = new RoomOrigin()
      const [leader, next, late] = (await browser.openLive(origin, 3)) as [Tab, Tab, Tab]
      await origin.say(2)
      await eventually(() => late.numbers).toEqual([1, 2])
      // Nothing more comes to the late one, which itself does not know.
      late.channel?.lose(3)
      await origin.say(3)
      await eventually(() => next.numbers).toEqual(run(1, 5))
      await leader.connection.close()
      await expectAll(origin, [
        [next, run(1, 5)],
        [late, run(1, 5)],
      ])
      expect(origin.dials).toBe(2)
    })

    it('while another is reading on its own, both go on', async () => {
      const origin = new RoomOrigin()
      const [leader, next] = (await browser.openLive(origin, 2)) as [Tab, Tab]
      await origin.say(300)
      await eventually(() => next.numbers.length).toBe(300)
      const late = browser.open(origin, { search: '?from=start', isPaused: true })
      await eventually(() => late.numbers).toEqual([1])
      await leader.connection.close()
      await origin.say(300)
      await eventually(() => next.numbers).toEqual(run(1, 600))
      late.resume()
      await expectAll(origin, [[late, run(1, 600)]])
    })
  })

  describe('a tab that has missed something', () => {
    it('notices the hole, and reads what it lacks on its own', async () => {
      const origin = new RoomOrigin()
      const [leader, tab] = (await browser.openLive(origin, 2)) as [Tab, Tab]
      await origin.say(1)
      await eventually(() => tab.numbers).toEqual([1])
      tab.channel?.lose(2)
      await origin.say(2)
      await eventually(() => leader.numbers).toEqual([1, 2, 3])
      await origin.say(2)
      await expectAll(origin, [
        [leader, run(1, 5)],
        [tab, run(1, 5)],
      ])
      await origin.say(1)
      await expectAll(origin, [[tab, run(1, 6)]])
      expect(origin.dials).toBe(2)
    })

    it('and makes messages of it slowly, is told none of them twice', async () => {
      const origin = new RoomOrigin()
      const [leader] = (await browser.openLive(origin, 1)) as [Tab]
      await origin.say(4)
      await eventually(() => leader.numbers.length).toBe(4)
      let go = (): void => {}
      let asked = 0
      const slow: StandardSchema<unknown> = {
        '~standard': {
          version: 1,
          vendor: 'test',
          validate: async (value) => {
            asked++
            if (value === 5)
              await new Promise<void>((resolve) => {
                go = resolve
              })
            return { value }
          },
        },
      }
      const tab = browser.open(origin, { search: '?from=start', schemas: { message: slow } as never })
      tab.channel?.hold()
      await eventually(() => asked).toBe(4)
      await origin.say(1)
      // It has the fifth in hand while it is told of the fourth, where it would go over.
      await eventually(() => asked).toBe(5)
      tab.channel?.release()
      await origin.say(1)
      await eventually(() => leader.numbers.length).toBe(6)
      go()
      // Where it went over before, the fifth is asked for once more.
      await eventually(() => tab.numbers.length).toBeGreaterThan(3)
      go()
      await origin.say(1)
      await eventually(() => {
        go()
        return tab.numbers
      }).toEqual(run(1, 7))
      await eventually(() => origin.readers()).toBe(1)
    })

    it('by being 1 MiB behind reads on from its cursor, at its own pace, until it meets the others', async () => {
      const origin = new RoomOrigin()
      const [leader, slow] = (await browser.openLive(origin, 2)) as [Tab, Tab]
      await origin.say(1)
      await eventually(() => slow.numbers).toEqual([1])
      slow.pause()
      const half = 'x'.repeat(64 * KIB)
      await origin.say(40, half)
      await eventually(() => leader.numbers).toEqual(run(1, 41))
      await eventually(() => slow.channel?.told).toBeGreaterThan(40)
      expect(slow.numbers.length).toBeLessThan(3)
      slow.resume()
      await expectAll(origin, [
        [leader, run(1, 41)],
        [slow, run(1, 41)],
      ])
      await origin.say(2)
      await expectAll(origin, [[slow, run(1, 43)]])
      expect(origin.dials).toBe(2)
    })

    it('and leads reads on its own too, and tells the others all the same', async () => {
      const origin = new RoomOrigin()
      const [slow, other] = (await browser.openLive(origin, 2)) as [Tab, Tab]
      await origin.say(1)
      await eventually(() => slow.numbers).toEqual([1])
      slow.pause()
      await origin.say(40, 'x'.repeat(64 * KIB))
      await eventually(() => other.numbers).toEqual(run(1, 41))
      slow.resume()
      await expectAll(origin, [[slow, run(1, 41)]])
    })

    it('counts messages of no data at all among what waits', async () => {
      const origin = new RoomOrigin({ retention: { events: 20_000 } })
      const [leader, slow] = (await browser.openLive(origin, 2)) as [Tab, Tab]
      await origin.say(1)
      await eventually(() => slow.numbers).toEqual([1])
      slow.pause()
      await origin.room.publishAll(Array.from({ length: 1_000 }, () => ({ data: '' })))
      const count = 12
      for (let n = 1; n < count; n++) await origin.room.publishAll(Array.from({ length: 1_000 }, () => ({ data: '' })))
      await eventually(() => leader.numbers.length).toBe(count * 1_000 + 1)
      await eventually(() => slow.channel?.told).toBeGreaterThan(count * 1_000)
      slow.resume()
      await eventually(() => slow.numbers.length).toBe(count * 1_000 + 1)
      expect(origin.dials).toBe(2)
      await eventually(() => origin.readers()).toBe(1)
    })

    it('of a stream without ids has no place to go on after', async () => {
      const big = 'x'.repeat(512 * KIB)
      let more: ReadableStreamDefaultController<Uint8Array> | undefined
      const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
      const origin = new ScriptedOrigin(() =>
        streamOf(
          new ReadableStream<Uint8Array>({
            start: (controller) => {
              more = controller
            },
          }),
        ),
      )
      const [leader, slow] = (await browser.openLive(origin as never, 2)) as [Tab, Tab]
      more?.enqueue(bytes('data: 1\n\n'))
      await eventually(() => slow.numbers).toEqual([1])
      slow.pause()
      for (let n = 2; n <= 6; n++) {
        more?.enqueue(bytes(`data: ${n}${big}\n\n`))
        await eventually(() => leader.numbers).toEqual(run(1, n))
        await eventually(() => slow.channel?.told).toBe(n)
      }
      slow.resume()
      await eventually(() => slow.ending).toMatchObject({ code: 'buffer-limit' })
      more?.enqueue(bytes('data: 7\n\n'))
      await eventually(() => leader.numbers).toEqual(run(1, 7))
      expect(origin.dials).toBe(1)
    })
  })

  describe('the turn to lead', () => {
    it('is taken from a tab that is asleep', async () => {
      quickly()
      const origin = new RoomOrigin()
      let wake = (): void => {}
      void navigator.locks.request(browser.lock, () => new Promise<void>((resolve) => (wake = resolve))).catch(() => {})
      await eventually(async () =>
        (await navigator.locks.query()).held?.some(({ name }) => name === browser.lock),
      ).toBe(true)
      const tab = browser.open(origin)
      await eventually(() => tab.connection.state.phase).toBe('live')
      await origin.say(2)
      await expectAll(origin, [[tab, [1, 2]]])
      wake()
      await origin.say(2)
      await expectAll(origin, [[tab, run(1, 4)]])
      expect(origin.dials).toBe(1)
    })

    it('is not taken from one that speaks', async () => {
      quickly()
      const origin = new RoomOrigin()
      const tabs = await browser.openLive(origin, 3)
      // So long would have been enough.
      await new Promise((resolve) => setTimeout(resolve, 3_000))
      await new Promise((resolve) => setTimeout(resolve, 3_000))
      await origin.say(1)
      await expectAll(
        origin,
        tabs.map((tab) => [tab, [1]]),
      )
      expect(origin.dials).toBe(1)
    })

    it('is waited for again by one from which it was taken', async () => {
      const origin = new RoomOrigin()
      const [leader, other] = (await browser.openLive(origin, 2)) as [Tab, Tab]
      await origin.say(2)
      await eventually(() => other.numbers).toEqual([1, 2])
      let giveUp = (): void => {}
      const stolen = navigator.locks.request(
        browser.lock,
        { steal: true },
        () => new Promise<void>((resolve) => (giveUp = resolve)),
      )
      await eventually(() => origin.readers()).toBe(0)
      await origin.say(2)
      giveUp()
      await stolen
      await expectAll(origin, [
        [leader, run(1, 4)],
        [other, run(1, 4)],
      ])
      await other.connection.close()
      await origin.say(1)
      await expectAll(origin, [[leader, run(1, 5)]])
    })

    it('is everybody’s where there are no locks to be had', async () => {
      const refused = async (): Promise<never> => {
        throw new DOMException('Access to the Locks API is denied', 'SecurityError')
      }
      vi.spyOn(navigator.locks, 'request').mockImplementation(refused as never)
      vi.spyOn(navigator.locks, 'query').mockImplementation(refused)
      const origin = new RoomOrigin()
      const tab = browser.open(origin)
      await eventually(() => tab.connection.state.phase).toBe('live')
      await origin.say(2)
      await expectAll(origin, [[tab, [1, 2]]])
      expect(origin.dials).toBe(1)
    })
  })

  describe('the end of the stream', () => {
    it('is that of every tab', async () => {
      const origin = new RoomOrigin()
      const tabs = await browser.openLive(origin, 3)
      await origin.say(2)
      await eventually(() => tabs.map(({ numbers }) => numbers.length)).toEqual([2, 2, 2])
      await origin.room.close()
      for (const tab of tabs) {
        await eventually(() => tab.ending).toBe('end')
        expect(tab.own).toContain('stream.end')
        expect(tab.connection.state).toEqual({ phase: 'closed', attempt: 0 })
      }
      expect(origin.dials).toBe(1)
    })

    it('is asked for once, also where a slow tab has not come to it', async () => {
      const origin = new RoomOrigin()
      const [leader, other] = (await browser.openLive(origin, 2)) as [Tab, Tab]
      for (const tab of [leader, other]) tab.pause()
      await origin.say(3)
      await origin.room.close()
      await eventually(() => origin.readers()).toBe(0)
      // A tab that comes now has to ask for itself.
      const late = browser.open(origin, { lastEventId: '3-000000' })
      await eventually(() => late.ending).not.toBe(undefined)
      expect(origin.dials).toBe(2)
      for (const tab of [leader, other]) {
        tab.resume()
        await eventually(() => tab.ending).toBe('end')
        expect(tab.numbers).toEqual([1, 2, 3])
      }
      expect(origin.dials).toBe(2)
    })

    it('comes after what a slow tab lacks, which it reads on its own', async () => {
      const origin = new RoomOrigin()
      const [, slow] = (await browser.openLive(origin, 2)) as [Tab, Tab]
      await origin.say(1)
      await eventually(() => slow.numbers).toEqual([1])
      slow.pause()
      await origin.say(40, 'x'.repeat(64 * KIB))
      await origin.room.close()
      await eventually(() => browser.tabs[0]?.ending).toBe('end')
      await eventually(() => slow.channel?.told).toBeGreaterThan(40)
      slow.resume()
      await eventually(() => slow.ending).toBe('end')
      expect(slow.numbers).toEqual(run(1, 41))
      expect(origin.dials).toBe(2)
    })

    it('is 204 for all', async () => {
      const origin = new ScriptedOrigin(async (_, dial) => {
        await eventually(() => browser.tabs.length).toBe(3)
        return dial === 1 ? streamOf('id: 1\ndata: 1\n\n') : new Response(null, { status: 204 })
      })
      while (browser.tabs.length < 3) browser.open(origin)
      for (const tab of browser.tabs) await eventually(() => tab.ending).toBe('end')
      expect(browser.tabs.map(({ numbers }) => numbers)).toContainEqual([1])
    })

    it('is an error of every tab where the server refuses the one that leads, with its code and status', async () => {
      const origin = new ScriptedOrigin(async () => {
        await eventually(() => browser.tabs.length).toBe(3)
        return Response.json({ type: '/problems/unauthorized' }, { status: 401 })
      })
      while (browser.tabs.length < 3) browser.open(origin)
      for (const tab of browser.tabs) {
        await eventually(() => tab.ending).toBeInstanceOf(SseError)
        expect(tab.ending).toMatchObject({ code: 'refused', status: 401 })
        expect(tab.connection.state).toMatchObject({ phase: 'closed', error: tab.ending })
      }
      expect(origin.dials).toBe(1)
    })

    it('is an error of every tab where what is thrown cannot be cloned', async () => {
      const error = new SseError('unauthorized', 'Cannot ask: nobody is signed in', { cause: () => {} })
      const origin = new ScriptedOrigin(() => streamOf(null))
      const headers = async (): Promise<never> => {
        await eventually(() => browser.tabs.length).toBe(2)
        throw error
      }
      while (browser.tabs.length < 2) browser.open(origin, { headers })
      await eventually(() => browser.tabs.map((tab) => tab.ending)).toEqual([
        error,
        expect.objectContaining({ code: 'unauthorized', message: 'Cannot ask: nobody is signed in' }),
      ])
      expect(browser.tabs[0]?.ending).toBe(error)
    })

    it('has a code in the other tabs also where its error has none', async () => {
      const origin = new ScriptedOrigin(() => streamOf(null))
      const headers = async (): Promise<HeadersInit> => {
        await eventually(() => browser.tabs.length).toBe(2)
        return { 'no header': '' }
      }
      while (browser.tabs.length < 2) browser.open(origin, { headers })
      await eventually(() => browser.tabs[0]?.ending).toBeInstanceOf(TypeError)
      await eventually(() => browser.tabs[1]?.ending).toMatchObject({ code: 'connection-lost' })
    })
  })

  describe('a gap', () => {
    it('is told to every tab, with all that is retained after it', async () => {
      const origin = new RoomOrigin({ retention: { events: 5 } })
      await origin.say(1)
      const first = browser.open(origin, { search: '?from=start' })
      await eventually(() => first.numbers).toEqual([1])
      const lastEventId = first.connection.lastEventId
      await first.connection.close()
      await origin.say(30)
      const tab = browser.open(origin, { lastEventId })
      const other = browser.open(origin, { lastEventId })
      for (const each of [tab, other]) {
        await eventually(() => each.numbers.at(-1)).toBe(31)
        const [gap, oldest, ...more] = each.numbers
        expect([gap, ...more]).toEqual(['gap', ...run(Number(oldest) + 1, 31)])
      }
      await eventually(() => origin.readers()).toBe(1)
    })

    it('is that of one tab alone where only that has fallen so far behind', async () => {
      const origin = new RoomOrigin({ retention: { events: 5 } })
      const [first] = (await browser.openLive(origin, 1)) as [Tab]
      await origin.say(1)
      await eventually(() => first.numbers).toEqual([1])
      const lastEventId = first.connection.lastEventId
      await origin.say(30)
      await eventually(() => first.numbers).toEqual(run(1, 31))
      const late = browser.open(origin, { lastEventId })
      await eventually(() => late.numbers.at(-1)).toBe(31)
      expect(late.numbers[0]).toBe('gap')
      await origin.say(1)
      await expectAll(origin, [[first, run(1, 32)]])
      await eventually(() => late.numbers.slice(1)).toEqual(run(Number(late.numbers[1]), 32))
    })

    it('of a tab that leads anew is none of the tabs that are further', async () => {
      quickly()
      const origin = new RoomOrigin({ retention: { events: 5 } })
      const [leader, next, other] = (await browser.openLive(origin, 3)) as [Tab, Tab, Tab]
      await origin.say(1)
      await eventually(() => next.numbers).toEqual([1])
      next.channel?.hold()
      await origin.say(30)
      await eventually(() => other.numbers).toEqual(run(1, 31))
      await leader.connection.close()
      await eventually(() => next.numbers).toContain('gap')
      await origin.say(1)
      next.channel?.release()
      await origin.say(1)
      await expectAll(origin, [[other, run(1, 33)]])
      expect(next.numbers.slice(0, 2)).toEqual([1, 'gap'])
      await eventually(() => next.numbers.slice(2)).toEqual(run(Number(next.numbers[2]), 33))
    })
  })

  describe('state', () => {
    it('is that of the one that reads, in every tab', async () => {
      const controllers: ReadableStreamDefaultController<Uint8Array>[] = []
      const origin = new ScriptedOrigin((_, dial) => {
        if (dial === 2) return new Response('busy', { status: 503 })
        const body = new ReadableStream<Uint8Array>({
          start: (controller) => {
            controllers.push(controller)
            controller.enqueue(new TextEncoder().encode(`id: ${dial}\ndata: ${dial}\n\n`))
          },
        })
        return streamOf(body)
      })
      quickly()
      const [leader, other] = (await browser.openLive(origin as never, 2)) as [Tab, Tab]
      await eventually(() => leader.numbers).toEqual([1])
      controllers[0]?.close()
      await eventually(() => other.numbers.at(-1)).toBe(3)
      const phases = (tab: Tab): string[] =>
        tab.states.map(({ phase, attempt, retryAt, error }) =>
          [phase, attempt, retryAt === undefined ? '' : 'waits', error === undefined ? '' : String(error)]
            .join(' ')
            .trim(),
        )
      const refused = 'SseError: Cannot read: the server answered 503'
      const after = ['resuming 1 waits', 'resuming 1', `resuming 2 waits ${refused}`, 'resuming 2', 'live 2', 'live 0']
      await eventually(() => phases(leader).slice(-6)).toEqual(after)
      await eventually(() => phases(other).slice(-6)).toEqual(after)
      await leader.connection.close()
      expect(leader.states.at(-1)).toEqual({ phase: 'closed', attempt: 0 })
      // Who leads anew goes on with the same stream.
      await eventually(() => phases(other).slice(6).join()).toMatch(/resuming 0,live 0$/)
    })
  })

  describe('close', () => {
    it('before the first message is asked for leaves nothing to read', async () => {
      const origin = new RoomOrigin()
      const tab = browser.open(origin)
      const { connection } = browser.open(origin)
      await connection.close()
      expect(connection.state.phase).toBe('closed')
      await eventually(() => browser.tabs[1]?.ending).toBe('end')
      await eventually(() => tab.connection.state.phase).toBe('live')
    })

    it('of a tab that has not begun ends its iteration at once', async () => {
      const origin = new RoomOrigin()
      const { Tab } = await import('./shared-tabs.ts')
      const tab = new Tab(origin, { name: browser.name })
      await tab.connection.close()
      await tab.read()
      expect(tab.ending).toBe('end')
      expect(origin.dials).toBe(0)
    })

    it('and a signal that has aborted end a tab wherever it is', async () => {
      const origin = new RoomOrigin()
      const controller = new AbortController()
      const tab = browser.open(origin, { signal: controller.signal })
      await eventually(() => tab.connection.state.phase).toBe('live')
      controller.abort()
      await eventually(() => tab.ending).toBe('end')
      const late = browser.open(origin, { signal: controller.signal })
      await eventually(() => late.ending).toBe('end')
      await eventually(() => origin.readers()).toBe(0)
      expect(origin.dials).toBe(1)
    })

    it('while a tab reads on its own closes that connection', async () => {
      const origin = new RoomOrigin()
      await browser.openLive(origin, 1)
      await origin.say(300)
      const tab = browser.open(origin, { search: '?from=start', isPaused: true })
      await eventually(() => origin.readers()).toBe(2)
      await eventually(() => tab.numbers).toEqual([1])
      tab.resume()
      await tab.connection.close()
      await eventually(() => origin.readers()).toBe(1)
      expect(tab.ending).toBe('end')
    })

    it('resolves when the turn is free, and nothing is open any more', async () => {
      const origin = new RoomOrigin()
      const [tab] = (await browser.openLive(origin, 1)) as [Tab]
      await tab.connection.close()
      const { held = [], pending = [] } = await navigator.locks.query()
      expect([...held, ...pending].filter(({ name }) => name === browser.lock)).toEqual([])
      expect(await origin.readers()).toBe(0)
    })

    it('is what an `onState` that throws does, with that error, in its tab alone', async () => {
      const origin = new RoomOrigin()
      const leader = browser.open(origin, {
        onState: ({ phase }) => {
          if (phase === 'live') throw new RangeError('mine')
        },
      })
      const other = browser.open(origin)
      await eventually(() => leader.ending).toBeInstanceOf(RangeError)
      await eventually(() => other.connection.state.phase).toBe('live')
      await origin.say(1)
      await expectAll(origin, [[other, [1]]])
    })
  })

  describe('whatever happens to tabs', () => {
    it.each(run(1, 40))('each has every message once, over one connection in the end (seed %i)', async (seed) => {
      quickly()
      await new Schedule(seed).run()
    })
  })
}
