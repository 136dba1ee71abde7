/** Tabs that share, when the one that leads is closed. */
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
} from './tabs.ts'

/** Registers the tests. */
export function leavingSuite(): void {
  const browser = oneBrowser()

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

    it('another goes on where it is, though a tab has come that is nowhere yet', async () => {
      const asked: (string | null)[] = []
      const bodies: ReadableStreamDefaultController<Uint8Array>[] = []
      const origin = new ScriptedOrigin((request) => {
        asked.push(request.headers.get('last-event-id'))
        return streamOf(
          new ReadableStream<Uint8Array>({
            start: (controller) => {
              bodies.push(controller)
            },
          }),
        )
      })
      const [leader, next] = (await browser.openLive(origin as never, 2)) as [Tab, Tab]
      // The first has no id: where it was said, they were nowhere either.
      bodies[0]?.enqueue(new TextEncoder().encode('data: 0\n\nid: 1\ndata: 1\n\nid: 2\ndata: 2\n\n'))
      for (const tab of [leader, next]) await eventually(() => tab.numbers).toEqual([0, 1, 2])
      const channel = new BroadcastChannel(browser.lock)
      channel.onmessage = (event) =>
        (event as MessageEvent<{ who?: true }>).data.who && channel.postMessage({ here: '' })
      vi.spyOn(navigator.locks, 'query').mockResolvedValueOnce({ held: [], pending: [{ name: browser.lock }] } as never)
      await leader.connection.close()
      await eventually(() => asked.length).toBe(2)
      channel.close()
      expect(asked).toEqual([null, '2'])
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
}
