/** The plot of the time that messages take from Send to the screen. */
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { join, say, send, texts } from './room-visit.ts'
import { eventually, networkErrors, visitors, waitForState } from './visitors.ts'

const { visit } = visitors()

const own = (page: Page): Promise<number> => page.locator('#times .times-own').count()
const others = (page: Page): Promise<number> => page.locator('#times .times-other').count()
const figures = (page: Page): Promise<string[]> => page.locator('#times dd').allTextContents()
const label = (page: Page): Promise<string | null> => page.locator('#times svg').getAttribute('aria-label')
const height = async (page: Page): Promise<number | undefined> => (await page.locator('#times').boundingBox())?.height

/** Waits until the page was drawn so many times. */
const frames = (page: Page, count: number): Promise<void> =>
  page.evaluate(async (frames) => {
    for (let n = 0; n < frames; n++) await new Promise(requestAnimationFrame)
  }, count)

/** `26 ms` or `1.2 s` in milliseconds. */
const milliseconds = (text = ''): number => Number.parseFloat(text) * (text.endsWith(' s') ? 1000 : 1)

it('is empty in a friendly way, and moves nothing when the first message comes', async () => {
  const { page } = await visit('/demo/room#room=times-empty')
  await join(page, 'Ada')
  const empty = page.getByText('Say something, and see how long it takes to come back.')
  expect(await empty.isVisible()).toBe(true)
  expect(await figures(page)).toEqual(['–', '–', '–'])
  expect(await label(page)).toBe('No message was timed yet.')
  const before = await height(page)
  await say(page, 'first')
  await eventually(() => own(page)).toBe(1)
  expect(await empty.isVisible()).toBe(false)
  expect(await height(page)).toBe(before)
})

it('times an own message from Send until it is on the screen', async () => {
  const { page } = await visit('/demo/room#room=times-own')
  await join(page, 'Ada')
  let held = 0
  await page.route('**/rooms/times-own/events', async (route) => {
    const since = performance.now()
    await frames(page, 30)
    held = performance.now() - since
    await route.continue()
  })
  const pressed = performance.now()
  await send(page, 'held up on the way')
  await eventually(() => own(page)).toBe(1)
  const all = performance.now() - pressed
  const [last = ''] = await figures(page)
  expect(milliseconds(last)).toBeGreaterThan(held - 51) // It is shown rounded, seconds to a tenth.
  expect(milliseconds(last)).toBeLessThan(all + 51)
  expect(await figures(page)).toEqual([last, last, last])
  expect(await label(page)).toBe(
    `Time of one message from Send to screen: the last took ${last}, the median is ${last}, the slowest took ${last}.`,
  )
})

it('times what another window of this browser sent, and nothing whose clock it does not know', async () => {
  const ada = await visit('/demo/room#room=times-others')
  const beside = await visit('/demo/room#room=times-others', { beside: ada })
  const stranger = await visit('/demo/room#room=times-others')
  await join(ada.page, 'Ada')
  await join(beside.page, 'Ada too')
  await join(stranger.page, 'Grace')
  await say(stranger.page, 'from elsewhere')
  await say(ada.page, 'from here')
  await eventually(() => others(beside.page)).toBe(1)
  await say(beside.page, 'from beside')
  await eventually(() => others(ada.page)).toBe(1)
  for (const { page } of [ada, beside, stranger]) {
    await eventually(() => texts(page)).toEqual(['from elsewhere', 'from here', 'from beside'])
    await eventually(() => own(page)).toBe(1)
  }
  expect(await Promise.all([ada, beside, stranger].map(({ page }) => others(page)))).toEqual([1, 1, 0])
})

it('leaves out what had to wait, and what was caught up', async () => {
  const ada = await visit('/demo/room#room=times-waited', { expected: networkErrors })
  const beside = await visit('/demo/room#room=times-waited', { beside: ada, expected: networkErrors })
  await join(ada.page, 'Ada')
  await join(beside.page, 'Ada too')
  await beside.page.click('#connection')
  await waitForState(beside.page, 'cut')
  await say(ada.page, 'caught up beside')
  await eventually(() => own(ada.page)).toBe(1)
  await beside.page.click('#connection')
  await eventually(() => texts(beside.page)).toEqual(['caught up beside'])

  await ada.page.route('**/rooms/times-waited/events', (route) => route.abort(), { times: 1 })
  await send(ada.page, 'waited')
  await ada.page.locator('#outbox [data-state=waiting]').waitFor()
  for (const { page } of [ada, beside]) await eventually(() => texts(page)).toEqual(['caught up beside', 'waited'])
  await say(ada.page, 'at once')
  await eventually(() => own(ada.page)).toBeGreaterThanOrEqual(2)
  await eventually(() => others(beside.page)).toBeGreaterThanOrEqual(1)
  // Had one been timed that should not, the last would come on top.
  for (const { page } of [ada, beside]) await frames(page, 10)
  expect([await own(ada.page), await others(beside.page)]).toEqual([2, 1])
})

it('keeps the last 60, and does not change its words for listeners with each of them', async () => {
  const { page } = await visit('/demo/room#room=times-many')
  await join(page, 'Ada')
  await page.evaluate(() => {
    const changes: number[] = []
    Object.assign(globalThis, { changes })
    const svg = document.querySelector('#times svg') as Element
    new MutationObserver(() => changes.push(performance.now())).observe(svg, { attributeFilter: ['aria-label'] })
  })
  for (let n = 1; n <= 65; n++) await say(page, `line ${n}`)
  await eventually(() => own(page)).toBe(60)
  await eventually(() => label(page)).toContain('Time of the last 60 messages from Send to screen')
  const changes = await page.evaluate(() => (globalThis as unknown as { changes: number[] }).changes)
  for (const [index, at] of changes.slice(1).entries()) expect(at - (changes[index] ?? 0)).toBeGreaterThan(3000)
  const [last, median, slowest] = (await figures(page)).map(milliseconds)
  expect(slowest).toBeGreaterThanOrEqual(last ?? Number.NaN)
  expect(slowest).toBeGreaterThanOrEqual(median ?? Number.NaN)
})
