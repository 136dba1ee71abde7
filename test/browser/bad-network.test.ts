/** A network that goes, comes back, or dies without a word, under open pages: they say so, and heal by themselves. */
import type { Page } from 'playwright-core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { goOffline, goOnline } from './offline.ts'
import { expectAllOf, ids, join, marks, news, pending, publish, record, say, send, texts } from './room-visit.ts'
import { silentNetwork } from './silent-network.ts'
import { number, wireIds } from './ticker-visit.ts'
import { eventually, networkErrors, visitors, waitForState } from './visitors.ts'

const { visit, url, port } = visitors()
const expected = networkErrors

const chat = (room: string, text: string) => publish(url(), room, { event: 'chat', data: { from: 'Grace', text } })

/** Loses what this page publishes: on the way back, when the room has taken it, or on the way there. */
async function losePosts(page: Page, room: string, way: 'back' | 'there') {
  const keys: (string | undefined)[] = []
  let isOver = false
  await page.route(`**/rooms/${room}/events`, async (route) => {
    if (isOver || route.request().method() !== 'POST') return route.fallback()
    keys.push(route.request().headers()['idempotency-key'])
    if (way === 'back') await route.fetch()
    await route.abort()
  })
  return {
    /** The key of each attempt. */
    keys,
    end: () => {
      isOver = true
    },
  }
}

/** Lets the page believe that so many minutes have gone by. */
const later = (page: Page, minutes: number): Promise<void> =>
  page.evaluate((milliseconds) => {
    const now = Date.now
    Date.now = () => now() + milliseconds
  }, minutes * 60_000)

describe('Room', () => {
  it('says that it is offline, comes back by itself, and shows what it missed once and in order', async () => {
    const ada = await visit('/demo/room#room=offline', { expected })
    await join(ada.page, 'Ada')
    await say(ada.page, 'before')
    const [last] = await ids(ada.page)

    await goOffline(ada.context)
    await waitForState(ada.page, 'offline')
    expect(await ada.page.locator('#state').textContent()).toContain('Offline')
    expect(await news(ada.page)).toBe(
      'You are offline. What others say is kept for you; what you say waits here and goes out by itself when you are back.',
    )
    expect(await ada.page.getByRole('status').allTextContents()).toEqual([
      expect.stringContaining('Offline'),
      expect.stringContaining('You are offline.'),
    ])
    expect(await marks(ada.page)).toEqual(['you are offline'])
    expect(await ada.page.locator('#readers').textContent()).toBe('–')
    for (const text of ['missed 1', 'missed 2']) await chat('offline', text)
    expect(await texts(ada.page)).toEqual(['before'])

    await goOnline(ada.context)
    await waitForState(ada.page, 'live')
    await eventually(() => news(ada.page)).toBe('Live again. The 2 messages you missed are here.')
    expect(await marks(ada.page)).toEqual([`you were offline · resumed at ${last} · 2 messages caught up`])
    await say(ada.page, 'after')
    await expectAllOf(ada.page, url(), 'offline')
    expect(await texts(ada.page)).toEqual(['before', 'missed 1', 'missed 2', 'after'])
  })

  it.each([
    ['a desktop', 1280, 800],
    ['a phone', 375, 740],
  ])('stays at the end of what was said on %s, whatever it has to tell below it', async (_, width, height) => {
    const room = `end-${width}`
    const ada = await visit(`/demo/room#room=${room}`, { expected, viewport: { width, height } })
    const { page } = ada
    await join(page, 'Ada')
    for (let n = 1; n <= 30; n++) await chat(room, `line ${n}`)
    await eventually(async () => (await texts(page)).length).toBe(30)
    const atEnd = async (): Promise<void> => {
      const box = page.locator('#history-box')
      await eventually(() => box.evaluate((it) => it.scrollHeight - it.scrollTop - it.clientHeight < 2)).toBe(true)
      expect(await page.locator('#newest').isHidden()).toBe(true)
    }
    await atEnd()
    await goOffline(ada.context)
    await eventually(() => news(page)).toContain('You are offline')
    await atEnd()
    await send(page, 'from the tunnel')
    await eventually(() => news(page)).toContain('your message waits here')
    await atEnd()
    await chat(room, 'missed')
    await goOnline(ada.context)
    await eventually(() => news(page)).toContain('The message you missed is here')
    await atEnd()
    await expectAllOf(page, url(), room)
    await atEnd()

    // Who reads older lines is left there, and told of newer ones where nothing else is told.
    await page.locator('#history-box').evaluate((it) => (it.scrollTop = 0))
    await chat(room, 'one more')
    const pill = await page.locator('#newest').boundingBox()
    const told = await page.locator('#news').boundingBox()
    expect(pill && told && pill.y + pill.height).toBeLessThanOrEqual(told?.y ?? 0)
    expect(pill?.height).toBeLessThan(40)
    expect(await page.locator('#history-box').evaluate((it) => it.scrollTop)).toBe(0)
    // What one says oneself is shown to oneself.
    await send(page, 'here I am')
    await eventually(async () => (await texts(page)).at(-1)).toBe('here I am')
    await atEnd()
  })

  it('leaves no mark where nothing was missed, and says that too', async () => {
    const ada = await visit('/demo/room#room=nothing-missed', { expected })
    await join(ada.page, 'Ada')
    await say(ada.page, 'before')
    await goOffline(ada.context)
    await waitForState(ada.page, 'offline')
    await goOnline(ada.context)
    await eventually(() => news(ada.page)).toBe('Live again. You missed nothing.')
    expect(await marks(ada.page)).toEqual([])
    await expectAllOf(ada.page, url(), 'nothing-missed')
  })

  it('keeps what is said offline, says so, and sends it once and in order when the network is back', async () => {
    const ada = await visit('/demo/room#room=kept', { expected })
    const grace = await visit('/demo/room#room=kept')
    await join(ada.page, 'Ada')
    await join(grace.page, 'Grace')
    await say(ada.page, 'before')

    await goOffline(ada.context)
    await waitForState(ada.page, 'offline')
    await send(ada.page, 'typed in a tunnel')
    await send(ada.page, 'twice')
    await send(ada.page, 'twice')
    await eventually(() => pending(ada.page)).toEqual([
      'waiting: typed in a tunnel',
      'waiting: twice',
      'waiting: twice',
    ])
    await eventually(() => news(ada.page)).toBe(
      'You are offline. What others say is kept for you; your 3 messages wait here and go out by themselves when you are back.',
    )
    await say(grace.page, 'meanwhile')
    expect(await record(url(), 'kept')).toHaveLength(2)

    await goOnline(ada.context)
    await eventually(() => news(ada.page)).toBe('Live again. The message you missed is here. Your 3 messages went out.')
    for (const { page } of [ada, grace]) {
      await expectAllOf(page, url(), 'kept')
      expect(await texts(page)).toEqual(['before', 'meanwhile', 'typed in a tunnel', 'twice', 'twice'])
    }
    const mine = ada.page.locator('#history .line-mine .line-text')
    await eventually(() => mine.allTextContents()).toEqual(['before', 'typed in a tunnel', 'twice', 'twice'])
  })

  it('sends again what had arrived without its knowing, with the same key, and says it once', async () => {
    const ada = await visit('/demo/room#room=retry', { expected })
    await join(ada.page, 'Ada')
    const lost = await losePosts(ada.page, 'retry', 'back')
    await send(ada.page, 'once')
    await eventually(() => news(ada.page)).toBe(
      'Your message waits here: the server did not answer. It is sent again by itself.',
    )
    await eventually(() => lost.keys.length).toBeGreaterThan(1)
    // It came in by the stream, so it stands in the history and nowhere else, although nobody has confirmed it.
    await eventually(() => texts(ada.page)).toEqual(['once'])
    expect(await ada.page.locator('#outbox .line:visible').count()).toBe(0)

    lost.end()
    await eventually(() => news(ada.page)).toBe('Your message went out.')
    expect(new Set(lost.keys).size).toBe(1)
    await say(ada.page, 'twice')
    await expectAllOf(ada.page, url(), 'retry')
    expect(await texts(ada.page)).toEqual(['once', 'twice'])
  })

  it('keeps what waits over a reload, and sends it once although it had arrived', async () => {
    const ada = await visit('/demo/room#room=reload-kept', { expected })
    await join(ada.page, 'Ada')
    const lost = await losePosts(ada.page, 'reload-kept', 'back')
    await send(ada.page, 'said before the reload')
    await send(ada.page, 'and this one never left')
    await eventually(() => pending(ada.page)).toEqual([
      'waiting: said before the reload',
      'waiting: and this one never left',
    ])
    lost.end()
    await ada.page.reload()
    await waitForState(ada.page, 'live')
    await eventually(async () => (await texts(ada.page)).length).toBe(2)
    await expectAllOf(ada.page, url(), 'reload-kept')
    expect(await texts(ada.page)).toEqual(['said before the reload', 'and this one never left'])
  })

  // A room knows a key for ten minutes. After that, sending again could say it twice.
  it('asks before it sends again what it cannot know to have arrived', async () => {
    const ada = await visit('/demo/room#room=forgotten', { expected })
    await join(ada.page, 'Ada')
    await ada.page.click('#connection')
    await waitForState(ada.page, 'cut')
    const lost = await losePosts(ada.page, 'forgotten', 'back')
    await send(ada.page, 'arrived')
    await eventually(() => pending(ada.page)).toEqual(['waiting: arrived'])
    await later(ada.page, 11)
    lost.end()
    await ada.page.click('#connection')
    await eventually(() => pending(ada.page)).toEqual(['not sent: arrived'])
    expect(await ada.page.locator('.trouble').textContent()).toBe(
      'Not sent: nobody answered in time, and it looks as if it had arrived. Take it back to change it or to send it again.',
    )
    expect(await record(url(), 'forgotten')).toHaveLength(1)
  })

  it('sends again by itself what it knows not to have arrived, however late', async () => {
    const ada = await visit('/demo/room#room=late-retry', { expected })
    await join(ada.page, 'Ada')
    await ada.page.click('#connection')
    await waitForState(ada.page, 'cut')
    const lost = await losePosts(ada.page, 'late-retry', 'there')
    await send(ada.page, 'never arrived')
    await eventually(() => pending(ada.page)).toEqual(['waiting: never arrived'])
    await later(ada.page, 11)
    lost.end()
    await ada.page.click('#connection')
    await eventually(() => texts(ada.page)).toEqual(['never arrived'])
    await expectAllOf(ada.page, url(), 'late-retry')
  })

  it('comes back after refusals that would end an EventSource for good', async () => {
    const ada = await visit('/demo/room#room=given-up', { expected })
    await join(ada.page, 'Ada')
    await say(ada.page, 'before')
    let refusals = 0
    await ada.page.route('**/rooms/given-up/events?*', (route) =>
      ++refusals > 2 ? route.fallback() : route.fulfill({ status: 503, body: '{}', contentType: 'application/json' }),
    )
    await ada.page.click('#connection')
    await waitForState(ada.page, 'cut')
    await chat('given-up', 'missed')
    await ada.page.click('#connection')
    await waitForState(ada.page, 'live')
    expect(refusals).toBe(3)
    await expectAllOf(ada.page, url(), 'given-up')
    expect(await texts(ada.page)).toEqual(['before', 'missed'])
  })

  it('shows nothing twice, also where an answer tells again what was told', async () => {
    const ada = await visit('/demo/room#room=overlap')
    await join(ada.page, 'Ada')
    for (const text of ['one', 'two']) await say(ada.page, text)
    await eventually(() => texts(ada.page)).toEqual(['one', 'two'])
    await ada.page.route('**/rooms/overlap/events?from=*', (route) => {
      const { 'last-event-id': _, ...headers } = route.request().headers()
      return route.continue({ headers })
    })
    await ada.page.click('#connection')
    await waitForState(ada.page, 'cut')
    await chat('overlap', 'three')
    await ada.page.click('#connection')
    await waitForState(ada.page, 'live')
    await expectAllOf(ada.page, url(), 'overlap')
    expect(await texts(ada.page)).toEqual(['one', 'two', 'three'])
  })

  it('notices a stream that died without a word by the message that it does not bring', async () => {
    const network = await silentNetwork(port())
    onTestFinished(() => network.close())
    const ada = await visit('/demo/room#room=silent', { expected, at: network.url })
    await join(ada.page, 'Ada')
    await say(ada.page, 'before')
    await eventually(() => texts(ada.page)).toEqual(['before'])
    expect(network.fallSilent()).toBe(1)
    await chat('silent', 'unheard')
    await send(ada.page, 'am I alone?')
    await eventually(async () => (await pending(ada.page))[0]).toMatch(/^3-\w+: am I alone\?$/)
    await eventually(() => texts(ada.page)).toEqual(['before', 'unheard', 'am I alone?'])
    await waitForState(ada.page, 'live')
    await expectAllOf(ada.page, url(), 'silent')
  })
})

describe('Ticker', () => {
  it('says that it is offline, and counts on by itself when the network is back', async () => {
    const { page, context } = await visit('/demo/ticker', { expected })
    await eventually(() => number(page)).toBeGreaterThanOrEqual(2)
    await eventually(() => wireIds(page)).toContain(2)
    await goOffline(context)
    await waitForState(page, 'offline')
    const last = await number(page)
    expect(await page.locator('#story').textContent()).toBe(
      `Offline after ${last}. When the network is back, the count goes on from there by itself.`,
    )
    await eventually(() => page.locator('#wire').textContent()).toContain('offline, waiting for the network')

    await goOnline(context)
    await waitForState(page, 'live')
    await eventually(() => page.locator('#story').textContent()).toBe(
      `Lost after ${last}, resumed with ${last + 1} by itself.`,
    )
    expect(await page.locator('.tape-break').count()).toBe(1)
    const wire = (await wireIds(page)).at(-1) ?? 0
    await eventually(async () => (await wireIds(page)).at(-1)).toBeGreaterThan(wire)
    const all = await wireIds(page)
    expect(all).toEqual(Array.from(all, (_, index) => index + 1))
  })

  it('notices a connection that died without a word by its silence', async () => {
    const network = await silentNetwork(port())
    onTestFinished(() => network.close())
    const { page } = await visit('/demo/ticker', { expected, at: network.url })
    await eventually(() => number(page)).toBeGreaterThanOrEqual(2)
    await eventually(() => wireIds(page)).toContain(2)
    expect(network.fallSilent()).toBe(2)
    await eventually(() => page.locator('#story').textContent()).toMatch(
      /^Lost after (\d+), resumed with \d+ by itself\.$/,
    )
    const [after, resumed] = ((await page.locator('#story').textContent()) ?? '').match(/\d+/g)?.map(Number) ?? []
    expect(resumed).toBe((after ?? 0) + 1)
    await eventually(() => page.locator('#wire').textContent()).toContain('connection lost, asking again')
    await eventually(async () => (await wireIds(page)).at(-1)).toBeGreaterThan(after ?? 0)
    const all = await wireIds(page)
    expect(all).toEqual(Array.from(all, (_, index) => index + 1))
  })
})
