/** Tabs that share: who gets what, from where on. */
import { describe, expect, it } from 'vitest'
import type { StandardSchema } from '../../../src/client/standard-schema.ts'
import { HeldChannel } from './held-channel.ts'
import { eventually, expectAll, oneBrowser, RoomOrigin, run, Tab } from './tabs.ts'

/** Registers the tests. */
export function togetherSuite(): void {
  const browser = oneBrowser()

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

    it('do nothing before the first message is asked for, and are read once', async () => {
      const origin = new RoomOrigin()
      const [first] = (await browser.openLive(origin, 1)) as [Tab]
      const { channel } = first
      new Tab(origin, { name: browser.name })
      expect(HeldChannel.last).toBe(channel)
      expect(origin.dials).toBe(1)
      expect(() => first.connection[Symbol.asyncIterator]()).toThrow(
        expect.objectContaining({ code: 'already-open', message: 'Cannot read: it was read' }),
      )
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

    it('stay apart from pages of another version, which may speak and understand other words', async () => {
      const origin = new RoomOrigin()
      const channel = new BroadcastChannel(browser.olderLock)
      let leave = (): void => {}
      const held = new Promise<void>((resolve) => {
        leave = resolve
      })
      const request = navigator.locks.request(browser.olderLock, () => held)
      const [tab] = (await browser.openLive(origin, 1)) as [Tab]
      channel.postMessage({ heard: { block: { data: '7' }, after: '', cursor: 'amiss' } })
      await origin.say(1)
      // It has heard the other first, if at all.
      await expectAll(origin, [[tab, [1]]])
      channel.close()
      leave()
      await request
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
}
