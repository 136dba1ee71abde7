/** What one sees on the pages of the other streams: the story told at the end, the wire, and requests that were aborted. */
import type { Page } from 'playwright-core'
import { eventually } from './visitors.ts'

/** The lines on the wire, top to bottom. */
export const wire = async (page: Page): Promise<string[]> =>
  ((await page.locator('#wire').textContent()) ?? '').split('\n').slice(0, -1)

/** The lines on the wire of one kind. */
export const wireOf = (page: Page, kind: string): Promise<string[]> =>
  page.locator(`#wire [data-kind=${kind}]`).evaluateAll((all) => all.map((line) => (line.textContent ?? '').trimEnd()))

export const story = (page: Page): Promise<string | null> => page.locator('#story').textContent()

/** Waits until the story says this. */
export const told = (page: Page, words: string | RegExp): Promise<void> => eventually(() => story(page)).toMatch(words)

/** Paths of the requests that the page gave up, as they come. */
export function abortedRequests(page: Page): string[] {
  const aborted: string[] = []
  page.on('requestfailed', (request) => {
    if (request.failure()?.errorText === 'net::ERR_ABORTED') aborted.push(new URL(request.url()).pathname)
  })
  return aborted
}
