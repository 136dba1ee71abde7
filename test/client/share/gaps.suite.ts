/** Tabs that share, when a room has lost what one of them lacks. */
import { describe, expect, it } from 'vitest'
import { eventually, expectAll, oneBrowser, quickly, RoomOrigin, run, type Tab } from './tabs.ts'

/** Registers the tests. */
export function gapsSuite(): void {
  const browser = oneBrowser()

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
}
