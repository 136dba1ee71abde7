/** Tabs that share, of which one is behind. */
import { describe, expect, it } from 'vitest'
import type { StandardSchema } from '../../../src/client/standard-schema.ts'
import { eventually, expectAll, oneBrowser, RoomOrigin, run, ScriptedOrigin, streamOf, type Tab } from './tabs.ts'

const KIB = 1_024

/** Registers the tests. */
export function behindSuite(): void {
  const browser = oneBrowser()

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

    it('again, while it was about to go over to the others, reads on its own again', async () => {
      const origin = new RoomOrigin()
      const [leader] = (await browser.openLive(origin, 1)) as [Tab]
      await origin.say(1)
      await eventually(() => leader.numbers).toEqual([1])
      const tab = browser.open(origin, { search: '?from=start', isPaused: true })
      await eventually(() => tab.numbers).toEqual([1])
      await eventually(() => origin.readers()).toBe(1)
      tab.channel?.lose(1)
      await origin.say(2)
      await eventually(() => tab.channel?.told).toBeGreaterThan(1)
      await eventually(() => leader.numbers).toEqual([1, 2, 3])
      tab.resume()
      await expectAll(origin, [[tab, [1, 2, 3]]])
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

    it('of a stream without ids does not begin anew where its URL says from where', async () => {
      const big = 'x'.repeat(600 * KIB)
      let more: ReadableStreamDefaultController<Uint8Array> | undefined
      const origin = new ScriptedOrigin(() =>
        streamOf(
          new ReadableStream<Uint8Array>({
            start: (controller) => {
              more = controller
            },
          }),
        ),
      )
      const tab = browser.open(origin, { search: '?from=start', isPaused: true })
      await eventually(() => more).not.toBe(undefined)
      for (let n = 1; n <= 4; n++) more?.enqueue(new TextEncoder().encode(`data: ${n}${big}\n\n`))
      more?.close()
      await eventually(() => tab.states.some(({ retryAt }) => retryAt)).toBe(true)
      tab.resume()
      await eventually(() => tab.ending).toMatchObject({ code: 'buffer-limit' })
      expect(tab.numbers).toEqual([1])
    })

    it('before it was given any message begins with what waits', async () => {
      const origin = new RoomOrigin()
      const slow = browser.open(origin, { isPaused: true })
      await eventually(() => slow.own).toEqual(['stream.presence'])
      const other = browser.open(origin)
      await eventually(() => other.connection.state.phase).toBe('live')
      await origin.say(20, 'x'.repeat(64 * KIB))
      await eventually(() => other.numbers).toEqual(run(1, 20))
      slow.resume()
      await origin.say(1)
      await eventually(() => slow.numbers.at(-1)).toBe(21)
      expect(slow.numbers).toEqual(run(Number(slow.numbers[0]), 21))
    })

    it('and reads ahead of the others meets them when they come', async () => {
      const origin = new RoomOrigin()
      const [leader] = (await browser.openLive(origin, 1)) as [Tab]
      await origin.say(1)
      await eventually(() => leader.numbers).toEqual([1])
      const tab = browser.open(origin, { search: '?from=start' })
      tab.channel?.hold()
      tab.channel?.lose(1)
      await eventually(() => tab.numbers).toEqual([1])
      await origin.say(3)
      await eventually(() => tab.numbers).toEqual(run(1, 4))
      await eventually(() => tab.channel?.told).toBe(3)
      tab.channel?.release()
      await expectAll(origin, [
        [leader, run(1, 4)],
        [tab, run(1, 4)],
      ])
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
}
