import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { complaints, desktop, isTooWide, phone, screenshot } from './looks.ts'
import { goOffline, goOnline } from './offline.ts'
import { expectAllOf, join, marks, news, pending, publish, say, send, texts } from './room-visit.ts'
import { eventually, networkErrors, visitors, waitForState } from './visitors.ts'

const { visit, url, kill, restart } = visitors()

const bottomOf = (page: Page, selector: string): Promise<number> =>
  page.locator(selector).evaluate((element) => element.getBoundingClientRect().bottom)

const ticks = (page: Page, atLeast: number): Promise<void> =>
  eventually(async () => Number(await page.locator('#number').textContent())).toBeGreaterThanOrEqual(atLeast)

/** A room in which something happened: talk, a cut, a return. */
async function talk(page: Page, room: string): Promise<void> {
  await join(page, 'Ada')
  const grace = (text: string) => publish(url(), room, { event: 'chat', data: { from: 'Grace', text } })
  await grace('Morning. Anyone else here yet?')
  await publish(url(), room, { data: { deploy: '4f2c', seconds: 21.5 } })
  await say(page, 'Just me, and a deploy that talks.')
  await eventually(async () => (await texts(page)).length).toBe(3)
  await page.click('#connection')
  await waitForState(page, 'cut')
  await grace('Ada cut her connection.')
  await grace('She will get this in one piece when she is back, however many lines it takes to say it.')
  await page.click('#connection')
  await eventually(() => marks(page)).toEqual([expect.stringContaining('2 messages caught up')])
  await say(page, 'And there it all is.')
  await eventually(async () => (await texts(page)).length).toBe(6)
}

describe('the first page', () => {
  it('reads the stream it talks about, and shows the line to read it with', async () => {
    const { page } = await visit('/')
    await waitForState(page, 'live')
    await ticks(page, 2)
    expect(await page.locator('#time').textContent()).toMatch(/^\d{4}-.*Z$/)
    expect(await page.locator('#curl').textContent()).toBe(`curl -N ${url()}/sse`)
  })

  it('has no link on this server that leads nowhere', async () => {
    const { page } = await visit('/')
    const links = await page.locator('a').evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).href))
    const own = [...new Set(links)].filter((link) => link.startsWith(url()))
    expect(own.length).toBeGreaterThan(4)
    for (const link of own) {
      const answer = await fetch(link)
      await answer.body?.cancel()
      expect(`${link} ${answer.status}`).toBe(`${link} 200`)
    }
  })
})

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  it('the first page is accessible', async () => {
    const { page } = await visit('/', { colorScheme, viewport: desktop })
    await ticks(page, 6)
    await screenshot(page, `home-${colorScheme}`)
    expect(await complaints(page)).toEqual([])
  })

  it('Ticker is accessible, also while it is cut', async () => {
    const { page } = await visit('/demo/ticker', { colorScheme, viewport: desktop })
    await ticks(page, 3)
    await page.click('#connection')
    await waitForState(page, 'cut')
    expect(await complaints(page)).toEqual([])
    await page.click('#connection')
    await ticks(page, 6)
    await screenshot(page, `ticker-${colorScheme}`)
    expect(await complaints(page)).toEqual([])
  })

  it('Ticker is accessible offline and while it comes back', async () => {
    const options = { colorScheme, viewport: desktop, expected: networkErrors }
    const { page, context } = await visit('/demo/ticker', options)
    await ticks(page, 3)
    await goOffline(context)
    await waitForState(page, 'offline')
    await eventually(() => page.locator('#wire').textContent()).toContain('offline, waiting')
    await screenshot(page, `ticker-offline-${colorScheme}`)
    expect(await complaints(page)).toEqual([])
    await page.setViewportSize(phone)
    await screenshot(page, `ticker-phone-offline-${colorScheme}`)
    expect(await isTooWide(page)).toBe(false)
    expect(await complaints(page)).toEqual([])
    await page.setViewportSize(desktop)
    await goOnline(context)
    await ticks(page, 5)
    await kill()
    await waitForState(page, 'resuming')
    await screenshot(page, `ticker-reconnecting-${colorScheme}`)
    expect(await complaints(page)).toEqual([])
    await restart()
    await eventually(() => page.locator('#story').textContent()).toContain('by itself.')
    await ticks(page, 8)
    await screenshot(page, `ticker-healed-${colorScheme}`)
    expect(await complaints(page)).toEqual([])
  })

  it('Room is accessible outside, inside, cut, and when a message was refused', async () => {
    const room = `studio-${colorScheme}`
    const options = { colorScheme, viewport: desktop, expected: /status of 422/ }
    const { page } = await visit(`/demo/room#room=${room}`, options)
    expect(await complaints(page)).toEqual([])
    await screenshot(page, `room-join-${colorScheme}`)
    await talk(page, room)
    await screenshot(page, `room-${colorScheme}`)
    expect(await complaints(page)).toEqual([])

    await page.click('#terminal summary')
    await page.click('#connection')
    await waitForState(page, 'cut')
    await page.route('**/events', (route) =>
      route.fulfill({ status: 422, contentType: 'application/problem+json', body: '{"detail":"the room is asleep"}' }),
    )
    await send(page, 'Can you hear me?')
    await eventually(() => page.locator('.trouble').textContent()).toContain('Not sent')
    await screenshot(page, `room-trouble-${colorScheme}`)
    expect(await complaints(page)).toEqual([])
  })

  it.each([
    ['', 'train', desktop],
    ['-phone', 'trip', phone],
  ] as const)('Room%s is accessible while the network fails, and after it', async (size, name, viewport) => {
    const room = `${name}-${colorScheme}`
    const options = { colorScheme, viewport, hasTouch: viewport === phone, expected: networkErrors }
    const { page, context } = await visit(`/demo/room#room=${room}`, options)
    const check = async (state: string): Promise<void> => {
      await screenshot(page, `room${size}-${state}-${colorScheme}`)
      expect(await isTooWide(page)).toBe(false)
      expect(await complaints(page)).toEqual([])
      // The box one speaks into is on the screen, whatever is told above it, and while a phone's keyboard is out.
      for (const height of viewport === phone ? [phone.height, 420] : [viewport.height]) {
        await page.setViewportSize({ ...viewport, height })
        expect(await bottomOf(page, '#text')).toBeLessThan(height)
      }
      await page.setViewportSize(viewport)
    }
    await join(page, 'Ada')
    await check('empty')
    await say(page, 'I am on a train, so I may be gone for a moment.')
    await publish(url(), room, { event: 'chat', data: { from: 'Grace', text: 'No hurry.' } })
    await eventually(async () => (await texts(page)).length).toBe(2)

    await goOffline(context)
    await waitForState(page, 'offline')
    await send(page, 'This is the tunnel.')
    await send(page, 'I go on talking, it goes out later.')
    await eventually(async () => (await pending(page)).length).toBe(2)
    await eventually(() => news(page)).toContain('your 2 messages wait here')
    await check('offline')

    await publish(url(), room, { event: 'chat', data: { from: 'Grace', text: 'Ada? I think she is in the tunnel.' } })
    await goOnline(context)
    await eventually(() => news(page)).toContain('went out')
    await expectAllOf(page, url(), room)
    await check('healed')

    await kill()
    await waitForState(page, 'resuming')
    await send(page, 'Now the server is gone, not me.')
    await eventually(() => news(page)).toContain('Your message waits here')
    await check('reconnecting')
    await restart()
    await eventually(() => news(page)).toContain('Your message went out')
    for (let n = 1; n <= 24; n++) await say(page, `Message ${n} of a fast typist.`)
    await page.locator('#times .times-own').nth(23).waitFor()
    await expectAllOf(page, url(), room)
    await check('plot')
  })

  it('what an error means is accessible, and fits a phone', async () => {
    for (const [name, path] of [
      ['problems', '/problems'],
      ['problem', '/problems/invalid-room'],
    ] as const) {
      const { page } = await visit(path, { colorScheme, viewport: desktop })
      await screenshot(page, `${name}-${colorScheme}`)
      expect(await complaints(page)).toEqual([])
      await page.setViewportSize(phone)
      expect(await isTooWide(page)).toBe(false)
    }
  })

  it('Room fits a phone', async () => {
    const room = `phone-${colorScheme}`
    const { page } = await visit(`/demo/room#room=${room}`, { colorScheme, viewport: phone, hasTouch: true })
    expect(await isTooWide(page)).toBe(false)
    await talk(page, room)
    await screenshot(page, `room-phone-${colorScheme}`)
    expect(await isTooWide(page)).toBe(false)
    expect(await complaints(page)).toEqual([])
    // The box one speaks into is on the screen, whatever was said above it.
    expect(await bottomOf(page, '#text')).toBeLessThan(phone.height)
  })
})

it.each(['/', '/demo/ticker'])('%s fits a phone', async (page) => {
  const visitor = await visit(page, { viewport: phone, hasTouch: true })
  await ticks(visitor.page, 1)
  expect(await isTooWide(visitor.page)).toBe(false)
})

it.each([320, 360, 375, 412])('Room fits %i px, and stands still when its state changes', async (width) => {
  const { page, context } = await visit(`/demo/room#room=narrow-${width}`, {
    viewport: { width, height: 740 },
    hasTouch: true,
    expected: networkErrors,
  })
  await join(page, 'Ada')
  const boxOf = (selector: string) => page.locator(selector).boundingBox()
  const places = async () => [await boxOf('#connection'), await boxOf('#terminal summary'), await boxOf('#times')]
  const before = await places()
  expect((await boxOf('.brand'))?.height).toBeLessThan(30)
  const [frame, track] = [await boxOf('#connection'), await boxOf('.switch-track')]
  expect(frame && track && frame.x + frame.width - track.x - track.width).toBeGreaterThan(4)
  await goOffline(context)
  await waitForState(page, 'offline')
  await screenshot(page, `room-${width}`)
  // The longest word it has.
  await page.locator('.state-text').evaluate((it) => (it.textContent = 'Live, after a gap'))
  expect(await isTooWide(page)).toBe(false)
  expect(await places()).toEqual(before)
})
