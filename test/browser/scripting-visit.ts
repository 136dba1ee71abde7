/** Visits under watch, by people who type and send what no field would take from a keyboard. */
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { watch } from './scripting-watch.ts'
import { patience, type Visitor, type Visitors } from './visitors.ts'

/** What the browser itself says of an answer that refuses. */
const refusals = /^error: Failed to load resource: the server responded with a status of (4\d\d|503)/

/** Visits under watch from the first request on. */
export async function openWatched({ visit, url }: Visitors, path: string): Promise<Visitor> {
  const visitor = await watch(await visit('/healthz', { expected: refusals }), url())
  await visitor.page.goto(url() + path)
  return visitor
}

/** A page as it was sent. */
export const sourceOf = (name: string): string => readFileSync(`demo/${name}.html`, 'utf8')

/** Puts words into a field as a program would: more than it takes, and characters that no key has. */
export const put = (page: Page, selector: string, words: string): Promise<void> =>
  page.locator(selector).evaluate((field, text) => {
    ;(field as HTMLInputElement).value = text
  }, words)

/** The same, and sends its form. */
export const enter = (page: Page, selector: string, words: string): Promise<void> =>
  page.locator(selector).evaluate((field, text) => {
    const input = field as HTMLInputElement
    input.value = text
    input.form?.requestSubmit()
  }, words)

/** Waits until `read()` gives `wanted`; asks more often than others do, because it is asked for each of many words. */
export const soon = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: patience, interval: 10 })

/** Publishes many events in one request, as a program would. */
export async function publishAll(url: string, room: string, messages: object[]): Promise<void> {
  const body = messages.map((message) => JSON.stringify(message)).join('\n')
  const headers = { 'content-type': 'application/x-ndjson' }
  const answer = await fetch(`${url}/rooms/${room}/events`, { method: 'POST', headers, body })
  expect(`${answer.status} ${await answer.text()}`).toMatch(/^20/)
}

/** Keeps this in the browser, and loads a page that begins with it. */
export async function remember(page: Page, kept: { local?: object; session?: object }, address: string): Promise<void> {
  await page.evaluate(({ local, session }) => {
    localStorage.clear()
    sessionStorage.clear()
    for (const [name, value] of Object.entries(local ?? {})) localStorage.setItem(`edge-sse:${name}`, value)
    for (const [name, value] of Object.entries(session ?? {})) sessionStorage.setItem(`edge-sse:${name}`, value)
  }, kept)
  await page.goto(address)
}
