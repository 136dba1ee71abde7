/** How the Chat and the Chat tool page look in their states, to whom, and on what. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { ask, choose, come } from './chat-visit.ts'
import { complaints, desktop, isTooWide, phone, screenshot } from './looks.ts'
import { goOffline, goOnline } from './offline.ts'
import { join } from './room-visit.ts'
import { told } from './stream-visit.ts'
import * as tool from './tool-visit.ts'
import { eventually, networkErrors, type VisitOptions, visitors, waitForState } from './visitors.ts'

const { visit } = visitors()

const bottomOf = (page: Page, selector: string): Promise<number> =>
  page.locator(selector).evaluate((element) => element.getBoundingClientRect().bottom)

const sizes = [
  ['', desktop],
  ['-phone', phone],
] as const
const cases = (['light', 'dark'] as const).flatMap((theme) =>
  sizes.map(([size, viewport]) => ({ theme, size, viewport })),
)

describe.each(cases)('in $theme $size', ({ theme, size, viewport }) => {
  const options: VisitOptions = { colorScheme: theme, viewport, hasTouch: viewport === phone }
  const check = async (page: Page, name: string): Promise<void> => {
    await screenshot(page, `${name}${size}-${theme}`)
    expect(await isTooWide(page)).toBe(false)
    expect(await complaints(page)).toEqual([])
    expect(await bottomOf(page, '#text')).toBeLessThan(viewport.height)
  }

  it('Chat is accessible in each of its states', async () => {
    const { page, context } = await visit('/demo/chat', { ...options, expected: /status of 429|net::ERR_/ })
    await check(page, 'chat-idle')
    await choose(page, 'thinks first')
    await ask(page, 'What is a stream, and why would it stop in the middle?')
    await come(page, 30)
    await page.reload()
    await come(page, 40)
    await page.click('#connection')
    await waitForState(page, 'cut')
    await check(page, 'chat-cut')
    await page.click('#connection')
    await waitForState(page, 'live')
    await check(page, 'chat-live')
    await goOffline(context)
    await waitForState(page, 'offline')
    await check(page, 'chat-offline')
    await goOnline(context)
    await told(page, /^Complete/)
    await check(page, 'chat-complete')
    await choose(page, 'at length')
    await ask(page, 'Tell me more')
    await come(page, 400)
    await check(page, 'chat-long')
    await page.click('#run')
    await told(page, /^Stopped/)
    await choose(page, 'breaks off')
    await ask(page, 'And then?')
    await told(page, /^It broke off/)
    await check(page, 'chat-broke')
    await choose(page, 'is too busy')
    await ask(page, 'Do you have a minute?')
    await told(page, /^It was not asked/)
    await check(page, 'chat-unasked')
  })

  it('Chat tool is accessible outside, inside, while two are answered, and when one fails', async () => {
    const room = `looks${size}-${theme}`
    const { page, context } = await visit(`/demo/chat-tool?room=${room}`, { ...options, expected: networkErrors })
    const { page: other } = await visit(`/demo/chat-tool?room=${room}`)
    await screenshot(page, `tool-lobby${size}-${theme}`)
    expect(await isTooWide(page)).toBe(false)
    expect(await complaints(page)).toEqual([])
    await join(page, 'Ada')
    await join(other, 'Grace Brewster Murray Hopper')
    await page.locator('#way').waitFor()
    await check(page, 'tool-empty')
    await page.selectOption('#way', { label: 'slowly' })
    await tool.ask(page, 'Why would a stream stop in the middle of a sentence?')
    await eventually(async () => (await tool.exchanges(other)).length).toBe(1)
    await other.selectOption('#way', { label: 'breaks off' })
    await tool.ask(other, 'Who else is here?')
    await eventually(async () => (await tool.exchanges(page)).every(({ answer }) => answer.length > 10)).toBe(true)
    await check(page, 'tool-two')
    await eventually(async () => (await tool.exchanges(page)).map(({ state }) => state)).toContain('failed')
    await goOffline(context)
    await waitForState(page, 'offline')
    await tool.ask(page, 'And this one?')
    await check(page, 'tool-offline')
    await goOnline(context)
    await eventually(async () => (await tool.exchanges(page)).length).toBe(3)
    await check(page, 'tool-healed')
  })
})

it.each([320, 375, 412])('Chat tool fits %i px, and stands still when its state changes', async (width) => {
  const { page, context } = await visit(`/demo/chat-tool?room=narrow-${width}`, {
    viewport: { width, height: 740 },
    hasTouch: true,
    expected: networkErrors,
  })
  await join(page, 'Ada')
  await page.locator('#way').waitFor()
  const boxOf = (selector: string) => page.locator(selector).boundingBox()
  const places = async () => [await boxOf('#connection'), await boxOf('#terminal summary'), await boxOf('#way')]
  const before = await places()
  await goOffline(context)
  await waitForState(page, 'offline')
  // The longest word it has.
  await page.locator('.state-text').evaluate((it) => (it.textContent = 'Live, after a gap'))
  expect(await isTooWide(page)).toBe(false)
  expect(await places()).toEqual(before)
})

it('Chat works by keyboard alone', async () => {
  const { page } = await visit('/demo/chat', { viewport: desktop })
  const { keyboard } = page
  const focused = () => page.evaluate(() => document.activeElement?.id)
  const tabTo = async (id: string) => {
    for (let tabs = 0; (await focused()) !== id; tabs++) {
      if (tabs > 30) throw new Error(`Cannot reach ${id} by Tab: stopped at ${await focused()}`)
      await keyboard.press('Tab')
    }
  }
  await tabTo('way')
  await keyboard.type('at l')
  await tabTo('text')
  await keyboard.type('no mouse')
  await keyboard.press('Shift+Enter')
  await keyboard.type('needed')
  await keyboard.press('Enter')
  await come(page, 40)
  expect(await page.locator('.asked').textContent()).toBe('no mouse\nneeded')
  // While an answer comes, Enter asks nothing, and loses nothing.
  await keyboard.type('later')
  await keyboard.press('Enter')
  expect(await page.inputValue('#text')).toBe('later')
  await keyboard.press('Tab')
  expect(await focused()).toBe('run')
  await keyboard.press('Enter')
  await told(page, /^Stopped/)
  expect(await focused()).toBe('run')
  await page.evaluate(() => (document.activeElement as HTMLElement).blur())
  await tabTo('connection')
  await keyboard.press('Space')
  expect(await page.locator('#connection').getAttribute('aria-checked')).toBe('false')
  await tabTo('turns-box')
})
