/** How a page looks, and to whom: screenshots, what axe complains about, and whether it has to be scrolled sideways. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import axe from 'axe-core'
import type { Page } from 'playwright-core'

const output = join(import.meta.dirname, '../output/screenshots')
mkdirSync(output, { recursive: true })

export const desktop = { width: 1280, height: 860 }
export const phone = { width: 360, height: 780 }

export async function screenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(output, `${name}.png`) })
}

/** What axe has to complain about, a line for each rule. */
export async function complaints(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

/** Whether the page, or a part of it, has to be scrolled sideways. */
export const isTooWide = (page: Page): Promise<boolean> =>
  page.evaluate(() =>
    [...document.querySelectorAll('html, body *')].some(
      (one) =>
        one.scrollWidth > one.clientWidth &&
        (one.matches('html') || ['auto', 'scroll'].includes(getComputedStyle(one).overflowX)),
    ),
  )
