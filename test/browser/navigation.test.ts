/** The list of pages in the head of each. */
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { complaints, desktop, isTooWide, phone, screenshot } from './looks.ts'
import { visitors } from './visitors.ts'

const { visit, url } = visitors()

const links = (page: Page): Promise<string[]> =>
  page.locator('#pages a').evaluateAll((all) => all.map((link) => `${link.textContent} ${link.getAttribute('href')}`))
const marked = (page: Page): Promise<string[]> =>
  page.locator('#pages [aria-current=page]').evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''))

it('is the same on every page, and marks the one that is open', async () => {
  const { page } = await visit('/', { viewport: desktop })
  const all = await links(page)
  expect(all.length).toBe(10)
  expect(all.slice(0, 2)).toEqual(['Chat /demo/chat', 'Chat tool /demo/chat-tool'])
  expect(await marked(page)).toEqual([])
  for (const path of [...all.map((link) => link.split(' ').at(-1) ?? ''), '/problems']) {
    await page.goto(url() + path)
    expect(await links(page)).toEqual(all)
    expect(await marked(page)).toEqual(path === '/problems' ? [] : [path])
    expect(await page.locator('.menu').isVisible()).toBe(false)
    for (const link of await page.locator('#pages a').all()) expect(await link.isVisible()).toBe(true)
  }
})

it.each(['light', 'dark'] as const)('opens with a button where it does not fit, in %s', async (colorScheme) => {
  const { page } = await visit('/demo/text', { colorScheme, viewport: phone, hasTouch: true })
  const list = page.locator('#pages')
  expect(await list.isVisible()).toBe(false)
  await page.click('.menu')
  expect(await list.isVisible()).toBe(true)
  await screenshot(page, `pages-phone-${colorScheme}`)
  expect(await isTooWide(page)).toBe(false)
  expect(await complaints(page)).toEqual([])
  await page.keyboard.press('Escape')
  expect(await list.isVisible()).toBe(false)
  await page.focus('.menu')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/demo/chat')
})

it.each([320, 991, 992])('fits %i px', async (width) => {
  const { page } = await visit('/demo/ticker', { viewport: { width, height: 740 } })
  expect(await isTooWide(page)).toBe(false)
  const tops = await page
    .locator('.site > :visible')
    .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height))
  expect(Math.max(...tops)).toBeLessThan(45)
})
