/** What one does on the Chat tool page: ask, and read what everybody asked and was answered. */
import type { Page } from 'playwright-core'

/** What the page shows of each question, top to bottom and from left to right. */
export interface Exchange {
  who: string
  question: string
  answer: string
  state: string
  fate: string
}

export async function ask(page: Page, question: string): Promise<void> {
  await page.fill('#text', question)
  await page.click('#speak [type=submit]')
}

export const exchanges = (page: Page): Promise<Exchange[]> =>
  page.locator('#history .exchange').evaluateAll((all) =>
    all.map((one) => {
      const part = (name: string) => one.querySelector(name)?.textContent ?? ''
      const [who, question, answer, fate] = ['.exchange-who', '.asked', '.said', '.fate'].map(part)
      return { who, question, answer, state: (one as HTMLElement).dataset.state, fate } as Exchange
    }),
  )

/** The same row by row: what stands side by side. */
export const rows = (page: Page): Promise<string[][]> =>
  page
    .locator('#history .exchanges')
    .evaluateAll((all) =>
      all.map((row) => [...row.querySelectorAll('.asked')].map(({ textContent }) => textContent ?? '')),
    )

/** Asks as a program would, not through the page; gives the id of the run. */
export async function send(url: string, room: string, body: object, key?: string): Promise<string> {
  const answer = await fetch(`${url}/server/send?room=${room}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) },
    body: JSON.stringify(body),
  })
  if (answer.status !== 202) throw new Error(`Cannot ask: the answer was ${answer.status} ${await answer.text()}`)
  return ((await answer.json()) as { id: string }).id
}
