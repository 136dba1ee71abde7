/** A Worker that is killed and started again, and pages that are loaded anew, while people talk. */
import { describe, expect, it } from 'vitest'
import { expectAllOf, ids, join, marks, news, pending, publish, record, say, send, texts } from './room-visit.ts'
import { number, wireIds } from './ticker-visit.ts'
import { eventually, networkErrors, visitors, waitForState } from './visitors.ts'

const { visit, url, kill, restart } = visitors()
const expected = networkErrors

/** Somebody who talks without a pause, one message after the other, until told to stop. */
function talkative(room: string): { stop(): Promise<void> } {
  let isDone = false
  const talk = async (): Promise<void> => {
    for (let n = 1; !isDone && n <= 400; n++)
      await publish(url(), room, { event: 'chat', data: { from: 'Grace', text: `line ${n}` } })
  }
  const talking = talk()
  return {
    stop() {
      isDone = true
      return talking
    },
  }
}

describe('when the Worker is restarted under open pages', () => {
  it('Room says so, keeps what is said meanwhile, and has everything once and in order afterwards', async () => {
    const ada = await visit('/demo/room#room=restart', { expected })
    const grace = await visit('/demo/room#room=restart', { expected })
    await join(ada.page, 'Ada')
    await join(grace.page, 'Grace')
    await say(ada.page, 'before')
    await eventually(() => texts(grace.page)).toEqual(['before'])

    await kill()
    for (const { page } of [ada, grace]) await waitForState(page, 'resuming')
    expect(await ada.page.locator('#state').textContent()).toContain('Reconnecting')
    expect(await marks(ada.page)).toEqual(['the connection was lost'])
    await eventually(() => news(grace.page)).toBe('The connection broke and comes back by itself.')
    await send(ada.page, 'said to nobody')
    await send(ada.page, 'and again')
    await eventually(() => pending(ada.page)).toEqual(['waiting: said to nobody', 'waiting: and again'])
    await eventually(() => news(ada.page)).toBe(
      'The connection broke and comes back by itself. Your 2 messages wait here and go out then.',
    )

    await restart()
    for (const { page } of [ada, grace]) await waitForState(page, 'live')
    await eventually(() => news(ada.page)).toBe('Live again. You missed nothing. Your 2 messages went out.')
    await say(grace.page, 'after')
    for (const { page } of [ada, grace]) {
      await expectAllOf(page, url(), 'restart')
      expect(await texts(page)).toEqual(['before', 'said to nobody', 'and again', 'after'])
    }
  })

  it('Ticker says so, and both of its views count on by themselves', async () => {
    const { page } = await visit('/demo/ticker', { expected })
    await eventually(() => number(page)).toBeGreaterThanOrEqual(2)
    await eventually(() => wireIds(page)).toContain(2)
    await kill()
    await waitForState(page, 'resuming')
    const last = await number(page)
    expect(await page.locator('#story').textContent()).toBe(
      `The connection broke after ${last}. It comes back by itself, and the count goes on from there.`,
    )
    await eventually(() => page.locator('#wire').textContent()).toContain('connection lost, asking again')
    const wire = (await wireIds(page)).at(-1)

    await restart()
    await waitForState(page, 'live')
    await eventually(() => page.locator('#story').textContent()).toBe(
      `Lost after ${last}, resumed with ${last + 1} by itself.`,
    )
    await eventually(() => wireIds(page)).toContain((wire ?? 0) + 1)
    const all = await wireIds(page)
    expect(all).toEqual(Array.from(all, (_, index) => index + 1))
    expect(await page.locator('.tape-break').count()).toBe(1)
  })

  it('a page that is loaded anew in the middle of it comes back into its room', async () => {
    const { page } = await visit('/demo/room#room=restart-reload', { expected })
    await join(page, 'Ada')
    await say(page, 'before')
    await kill()
    await waitForState(page, 'resuming')
    await send(page, 'not lost')
    await eventually(() => pending(page)).toEqual(['waiting: not lost'])
    await restart()
    await page.reload()
    await waitForState(page, 'live')
    await eventually(() => texts(page)).toEqual(['before', 'not lost'])
    await expectAllOf(page, url(), 'restart-reload')
  })
})

describe('when Room is loaded anew while others talk', () => {
  it('it goes straight back in, and shows everything once and in order', async () => {
    const { page } = await visit('/demo/room#room=reload')
    await join(page, 'Ada')
    await say(page, 'mine')
    const grace = talkative('reload')
    for (const shown of [20, 60, 100]) {
      await eventually(async () => (await ids(page)).length).toBeGreaterThan(shown)
      await page.reload()
      await waitForState(page, 'live')
      expect(await page.locator('#lobby').isHidden()).toBe(true)
    }
    await grace.stop()
    expect((await record(url(), 'reload')).length).toBeGreaterThan(100)
    await expectAllOf(page, url(), 'reload')
    expect(await page.locator('#you').textContent()).toBe('Ada')
    expect(await page.locator('#history .line-mine .line-text').allTextContents()).toEqual(['mine'])
    expect(await marks(page)).toEqual([])
  })
})
