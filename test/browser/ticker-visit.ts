/** What one sees on the Ticker page: the count, and the text on the wire beside it. */
import type { Page } from 'playwright-core'

export const number = async (page: Page): Promise<number> => Number(await page.locator('#number').textContent())

/** The lines on the wire, top to bottom. */
export const wire = async (page: Page): Promise<string[]> =>
  ((await page.locator('#wire').textContent()) ?? '').split('\n')

/** The ids in them. */
export const wireIds = async (page: Page): Promise<number[]> =>
  (await wire(page)).filter((line) => line.startsWith('id: ')).map((line) => Number(line.slice(4)))
