/** What one does in a room: join, speak, read what was said. */
import type { Page } from 'playwright-core'
import { waitForState } from './visitors.ts'

/** Joins through the form and waits until the past is there. */
export async function join(page: Page, name: string): Promise<void> {
  await page.fill('#name', name)
  await page.click('#join [type=submit]')
  await waitForState(page, 'live')
}

/** Speaks through the form and waits until the room has taken it. */
export async function say(page: Page, text: string): Promise<void> {
  await page.fill('#text', text)
  await page.click('#speak [type=submit]')
  await page.waitForFunction(() => document.querySelector('textarea')?.value === '')
}

/** What the page shows, top to bottom: the text of each line. */
export const texts = (page: Page): Promise<string[]> => page.locator('#history .line-text').allTextContents()

/** The ids on the page, top to bottom. */
export const ids = (page: Page): Promise<string[]> => page.locator('#history .line-id').allTextContents()

/** The breaks in the line, top to bottom. */
export const marks = (page: Page): Promise<string[]> => page.locator('#history .mark-text').allTextContents()

/** Publishes as a program would, not through the page. */
export async function publish(url: string, room: string, message: { event?: string; data: unknown }): Promise<string> {
  const answer = await fetch(`${url}/rooms/${room}/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(message),
  })
  if (answer.status !== 201) throw new Error(`Cannot publish: the answer was ${answer.status} ${await answer.text()}`)
  return ((await answer.json()) as { id: string }).id
}
