/** Tabs that share: whose turn it is. */
import { describe, expect, it, vi } from 'vitest'
import {
  eventually,
  expectAll,
  oneBrowser,
  quickly,
  RoomOrigin,
  run,
  ScriptedOrigin,
  streamOf,
  type Tab,
  ticking,
  wordsOf,
} from './tabs.ts'

/** Registers the tests. */
export function turnsSuite(): void {
  const browser = oneBrowser()

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

    it('is taken from a tab that has led and then hangs', async () => {
      const tick = ticking()
      const origin = new RoomOrigin()
      const [leader, other] = (await browser.openLive(origin, 2)) as [Tab, Tab]
      await origin.say(1)
      await eventually(() => other.numbers).toEqual([1])
      leader.channel?.hold()
      // It has said something since it was asked; since then nothing; nor when it was asked, and asked again.
      for (let count = 1; count <= 4; count++) tick()
      await eventually(() => origin.dials).toBeGreaterThan(1)
      await origin.say(2)
      await eventually(() => other.numbers).toEqual([1, 2, 3])
      leader.channel?.release()
      await origin.say(1)
      await expectAll(origin, [
        [leader, run(1, 4)],
        [other, run(1, 4)],
      ])
    })

    it('is not taken from one that has nothing to say, which is asked only while that is so', async () => {
      const tick = ticking()
      const origin = new RoomOrigin()
      const tabs = (await browser.openLive(origin, 2)) as [Tab, Tab]
      const said = wordsOf(browser.lock)
      // It was answered, and then is told something.
      tick()
      await origin.say(1)
      await eventually(() => tabs[1].numbers).toEqual([1])
      tick()
      for (let count = 1; count <= 3; count++) {
        tick()
        await eventually(() => said.filter((word) => word === 'state')).toHaveLength(count)
        tick()
      }
      expect(said).toEqual(['heard', 'hello', 'state', 'hello', 'state', 'hello', 'state'])
      expect(origin.dials).toBe(1)
    })

    it('is not taken by a tab that was asleep itself, whose clock comes before the answer', async () => {
      const tick = ticking()
      const origin = new RoomOrigin()
      const tabs = (await browser.openLive(origin, 2)) as [Tab, Tab]
      const said = wordsOf(browser.lock)
      const request = vi.spyOn(navigator.locks, 'request')
      tick()
      tabs[1].channel?.hold()
      tick()
      tick()
      await eventually(() => said).toEqual(['hello', 'hello', 'state', 'state'])
      tabs[1].channel?.release()
      tick()
      await origin.say(1)
      await expectAll(
        origin,
        tabs.map((tab) => [tab, [1]]),
      )
      expect(request).not.toHaveBeenCalled()
    })

    it('is not taken from one that speaks', async () => {
      quickly()
      const origin = new RoomOrigin()
      const tabs = await browser.openLive(origin, 3)
      // So long would have been enough.
      for (const milliseconds of [5_000, 1_500, 1_500, 1_500, 1_500])
        await new Promise((resolve) => setTimeout(resolve, milliseconds))
      await origin.say(1)
      await expectAll(
        origin,
        tabs.map((tab) => [tab, [1]]),
      )
      expect(origin.dials).toBe(1)
    })

    it.each([
      ['a cursor', (lastEventId: string) => ({ lastEventId })],
      ['`from` in its URL', () => ({ search: '?from=start' })],
    ] as const)('of a tab that comes while others have none begins where that is to: %s', async (_, toBegin) => {
      const origin = new RoomOrigin()
      const [before] = (await browser.openLive(origin, 1)) as [Tab]
      await origin.say(1)
      await eventually(() => before.numbers).toEqual([1])
      const first = before.connection.lastEventId
      await origin.say(4)
      await eventually(() => before.numbers).toEqual(run(1, 5))
      const here = before.connection.lastEventId
      await before.connection.close()
      // A tab between two requests for the turn: the one that comes gets it, and is told where that tab is.
      const channel = new BroadcastChannel(browser.lock)
      channel.onmessage = (event) => (event as MessageEvent<{ who?: true }>).data.who && channel.postMessage({ here })
      vi.spyOn(navigator.locks, 'query').mockResolvedValueOnce({ held: [], pending: [{ name: browser.lock }] } as never)
      const tab = browser.open(origin, toBegin(first))
      await origin.say(2)
      await eventually(() => tab.numbers.at(-1)).toBe(7)
      channel.close()
      await expectAll(origin, [[tab, run('lastEventId' in toBegin('') ? 2 : 1, 7)]])
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

    const withoutLocks = (): void => {
      const refused = async (): Promise<never> => {
        throw new DOMException('Access to the Locks API is denied', 'SecurityError')
      }
      vi.spyOn(navigator.locks, 'request').mockImplementation(refused as never)
      vi.spyOn(navigator.locks, 'query').mockImplementation(refused)
    }

    it('is everybody’s where there are no locks to be had', async () => {
      withoutLocks()
      const origin = new RoomOrigin()
      const tab = browser.open(origin)
      await eventually(() => tab.connection.state.phase).toBe('live')
      await origin.say(2)
      await expectAll(origin, [[tab, [1, 2]]])
      expect(origin.dials).toBe(1)
    })

    it('is, where it is everybody’s, that of each for itself: messages without ids come once', async () => {
      withoutLocks()
      const controllers: ReadableStreamDefaultController<Uint8Array>[] = []
      const origin = new ScriptedOrigin(() =>
        streamOf(new ReadableStream<Uint8Array>({ start: (controller) => void controllers.push(controller) })),
      )
      const said = wordsOf(browser.lock)
      const tabs = [browser.open(origin), browser.open(origin)]
      await eventually(() => controllers.length).toBe(2)
      const channel = new BroadcastChannel(browser.lock)
      for (const number of [1, 2]) {
        for (const each of controllers) each.enqueue(new TextEncoder().encode(`data: ${number}\n\n`))
        for (const tab of tabs) await eventually(() => tab.numbers).toContain(number)
        // After whatever one of them would tell the other.
        channel.postMessage({ hello: true })
        await eventually(() => said.filter((word) => word === 'hello')).toHaveLength(number)
      }
      channel.close()
      expect(tabs.map(({ numbers }) => numbers)).toEqual([
        [1, 2],
        [1, 2],
      ])
    })
  })
}
