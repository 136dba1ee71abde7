/** What one does in a room: join, speak, read what was said. */
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { eventually, waitForState } from './visitors.ts'

/** Joins through the form and waits until the past is there. */
export async function join(page: Page, name: string): Promise<void> {
  await page.fill('#name', name)
  await page.click('#join [type=submit]')
  await waitForState(page, 'live')
}

/** Types and sends, and leaves it to the page what becomes of it. */
export async function send(page: Page, text: string): Promise<void> {
  await page.fill('#text', text)
  await page.click('#speak [type=submit]')
  expect(await page.inputValue('#text')).toBe('')
}

/** Speaks through the form and waits until the room has taken it. */
export async function say(page: Page, text: string): Promise<void> {
  await send(page, text)
  await page.waitForFunction(() => !document.querySelector('#outbox :is([data-state=sending], [data-state=waiting])'))
}

/** What the page shows, top to bottom: the text of each line. */
export const texts = (page: Page): Promise<string[]> => page.locator('#history .line-text').allTextContents()

/** The ids on the page, top to bottom. */
export const ids = (page: Page): Promise<string[]> => page.locator('#history .line-id').allTextContents()

/** The breaks in the line, top to bottom. */
export const marks = (page: Page): Promise<string[]> => page.locator('#history .mark-text').allTextContents()

/** What the line in words says. */
export const news = (page: Page): Promise<string | null> => page.locator('#news').textContent()

/** Own messages that are not said yet, oldest first: what became of each so far, and its text. */
export const pending = (page: Page): Promise<string[]> =>
  page
    .locator('#outbox .line')
    .evaluateAll((lines) =>
      lines.map((line) => ['.line-id', '.line-text'].map((part) => line.querySelector(part)?.textContent).join(': ')),
    )

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

/** The room's own record: the id of each event, and what was said. */
export async function record(url: string, room: string): Promise<[id: string, text: string][]> {
  const headers = { accept: 'application/x-ndjson' }
  const answer = await fetch(`${url}/rooms/${room}/events`, { headers })
  if (!answer.ok) throw new Error(`Cannot read the record: the answer was ${answer.status}`)
  const lines = (await answer.text()).split('\n').filter((line) => line !== '')
  return lines.map((line) => {
    const { id, data } = JSON.parse(line)
    return [id, (typeof data === 'string' ? JSON.parse(data) : data).text]
  })
}

/** Holds the page against the record: everything that was said, once, in order, and nothing still on its way. */
export async function expectAllOf(page: Page, url: string, room: string): Promise<void> {
  const said = await record(url, room)
  await eventually(async () => (await ids(page)).at(-1)).toBe(said.at(-1)?.[0])
  await eventually(() => pending(page)).toEqual([])
  const shown = await texts(page)
  expect((await ids(page)).map((id, index) => [id, shown[index]])).toEqual(said)
}
