/** What one does on the Chat page: ask, read the answer, and see what became of it. */
import type { Page } from 'playwright-core'
import { eventually } from './visitors.ts'

/** Chooses how the offline model answers. */
export async function choose(page: Page, way: string): Promise<void> {
  await page.selectOption('#model', { label: 'offline' })
  await page.selectOption('#way', { label: way })
}

/** Types a question and sends it. */
export async function ask(page: Page, question: string): Promise<void> {
  await page.fill('#text', question)
  await page.click('#run')
}

/** The text of each answer, top to bottom, to the letter. */
export const answers = (page: Page): Promise<string[]> =>
  page.locator('#turns .said').evaluateAll((all) => all.map((one) => one.textContent ?? ''))

/** That of the newest. */
export const answer = async (page: Page): Promise<string> => (await answers(page)).at(-1) ?? ''

export const questions = (page: Page): Promise<string[]> => page.locator('#turns .asked').allTextContents()

/** What stands below each answer. */
export const fates = (page: Page): Promise<string[]> => page.locator('#turns .fate').allTextContents()

/** Waits until so many characters of the newest answer are there. */
export const come = (page: Page, characters: number): Promise<void> =>
  eventually(async () => (await answer(page)).length).toBeGreaterThanOrEqual(characters)

/** The id of the answer in the address of the page. */
export const answerId = (page: Page): string =>
  new URLSearchParams(new URL(page.url()).hash.slice(1)).get('answer') ?? ''

/** Keys under which the page has asked, one for each request. */
export function keysOf(page: Page): (string | undefined)[] {
  const keys: (string | undefined)[] = []
  page.on('request', (request) => {
    if (request.method() === 'POST') keys.push(request.headers()['idempotency-key'])
  })
  return keys
}

/** What the offline model answers. */
export const offlineAnswer = (question: string): string =>
  `I am the offline model of edge-sse: I answer without a network, and always the same. You said: “${question}”. One piece after the other comes over this stream — each with its place, so that whoever loses the connection gets the rest, and nothing twice.`

/** In how many pieces. */
export const offlineTokens = (question: string): number => offlineAnswer(question).match(/\s*\S+/g)?.length ?? 0
