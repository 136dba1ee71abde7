/** Tabs that share, when the stream ends or fails. */
import { describe, expect, it } from 'vitest'
import { SseError } from '../../../src/index.ts'
import { eventually, oneBrowser, RoomOrigin, run, ScriptedOrigin, streamOf, type Tab, wordsOf } from './tabs.ts'

const KIB = 1_024

/** Registers the tests. */
export function endsSuite(): void {
  const browser = oneBrowser()

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

    it('leaves a slow tab what waits for it, whatever a tab reads that is opened after it', async () => {
      const end = 'event: stream.end\ndata: {"reconnect":false}\n\n'
      const origin = new ScriptedOrigin((_, dial) =>
        streamOf(dial === 1 ? `id: 1\ndata: 1\n\nid: 2\ndata: 2\n\n${end}` : `id: 8\ndata: 8\n\n${end}`),
      )
      const slow = browser.open(origin, { isPaused: true })
      await eventually(() => slow.numbers).toEqual([1])
      await eventually(async () => (await navigator.locks.query()).held?.map(({ name }) => name)).not.toContain(
        browser.lock,
      )
      const said = wordsOf(browser.lock)
      const late = browser.open(origin)
      await eventually(() => late.ending).toBe('end')
      await eventually(() => said).toContain('heard')
      slow.resume()
      await eventually(() => slow.ending).toBe('end')
      expect([slow.numbers, late.numbers]).toEqual([[1, 2], [8]])
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

    it('is an error of every tab where the server refuses the one that leads, with its code, status and `retryAfter`', async () => {
      const origin = new ScriptedOrigin(async () => {
        await eventually(() => browser.tabs.length).toBe(3)
        return Response.json({ type: '/problems/unauthorized' }, { status: 401, headers: { 'retry-after': '30' } })
      })
      while (browser.tabs.length < 3) browser.open(origin)
      for (const tab of browser.tabs) {
        await eventually(() => tab.ending).toBeInstanceOf(SseError)
        expect(tab.ending).toMatchObject({ code: 'refused', status: 401, retryAfter: 30 })
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
}
