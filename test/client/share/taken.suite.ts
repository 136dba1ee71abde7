/** Tabs that share: a turn that is taken from a tab that has not read anything. */
import { describe, it } from 'vitest'
import { eventually, expectAll, oneBrowser, RoomOrigin, run, type Tab } from './tabs.ts'

/** Registers the tests. */
export function takenSuite(): void {
  const browser = oneBrowser()

  describe('the turn to lead', () => {
    it.each([
      ['a cursor', (lastEventId: string) => ({ lastEventId })],
      ['`from` in its URL', () => ({ search: '?from=start' })],
    ] as const)(
      'taken from a tab that has read nothing yet leaves it where it was to begin: %s',
      async (_, toBegin) => {
        const origin = new RoomOrigin()
        const [before] = (await browser.openLive(origin, 1)) as [Tab]
        await origin.say(1)
        await eventually(() => before.numbers).toEqual([1])
        const { lastEventId } = before.connection
        await before.connection.close()
        await origin.say(4)
        // It has the turn, and hangs in its request when that is taken.
        let dials = 0
        const hangs = {
          dials: 0,
          fetch: (request: Request) => (++dials === 1 ? new Promise(() => {}) : origin.fetch(request)),
        }
        const slow = browser.open(hangs as never, toBegin(lastEventId))
        await eventually(() => dials).toBe(1)
        const other = browser.open(origin)
        await eventually(() => navigator.locks.query().then(({ pending = [] }) => pending.length)).toBeGreaterThan(0)
        await navigator.locks.request(browser.lock, { steal: true }, () => {})
        await eventually(() => other.connection.state.phase).toBe('live')
        await origin.say(2)
        const first = 'lastEventId' in toBegin('') ? 2 : 1
        await expectAll(origin, [
          [slow, run(first, 7)],
          [other, [6, 7]],
        ])
      },
    )
  })
}
