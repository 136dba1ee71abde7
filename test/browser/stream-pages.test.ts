import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { complaints, desktop, isTooWide, phone, screenshot } from './looks.ts'
import { told } from './stream-visit.ts'
import { visitors, waitForState } from './visitors.ts'

const { visit } = visitors()

/** The pages, and what starts each that does not start by itself. */
const pages: Record<string, (page: Page) => Promise<void>> = {
  html: (page) => page.click('#try'),
  text: async () => {},
  ndjson: async () => {},
  download: (page) => page.click('#run'),
  progress: (page) => page.click('#run'),
  async chat(page) {
    await page.locator('#way').waitFor()
    await page.fill('#text', 'Hello?')
    await page.click('#run')
  },
}

const boxes = (page: Page) =>
  page.evaluate(() =>
    [
      ...document.querySelectorAll(
        'main *:not(span, .wire *, .log *, .written *, .parts *, .table *, .turns, .turns *, .plot *, .run, .state, .state *)',
      ),
    ].map((one) => `${one.localName}#${one.id} ${JSON.stringify(one.getBoundingClientRect())}`),
  )

describe.each(Object.entries(pages))('/demo/%s', (name, start) => {
  it.each(['light', 'dark'] as const)('is accessible in %s, while it runs and after it', async (colorScheme) => {
    const { page } = await visit(`/demo/${name}`, { colorScheme, viewport: desktop })
    expect(await complaints(page)).toEqual([])
    await start(page)
    await waitForState(page, 'live')
    await page.locator('.wire-line').nth(12).waitFor()
    await screenshot(page, `${name}-${colorScheme}`)
    expect(await complaints(page)).toEqual([])
    await page.setViewportSize(phone)
    await told(page, /^(Complete|Done)/)
    await screenshot(page, `${name}-phone-${colorScheme}`)
    expect(await isTooWide(page)).toBe(false)
    expect(await complaints(page)).toEqual([])
  })

  it('fits 320 px, and stands still when it is stopped', async () => {
    const { page } = await visit(`/demo/${name}`, { viewport: { width: 320, height: 740 }, hasTouch: true })
    await start(page)
    await waitForState(page, 'live')
    const before = await boxes(page)
    await page.click('#run')
    await waitForState(page, 'cut')
    expect(await isTooWide(page)).toBe(false)
    expect(await boxes(page)).toEqual(before)
  })
})
