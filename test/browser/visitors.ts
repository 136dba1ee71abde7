/** People at the demo pages: each in a browser context of their own, none of whom may see anything go wrong. */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { launch } from '../launch.ts'
import { startBrowser } from './browser.ts'

/** How long a condition may take to come true, in milliseconds: generous, because nothing is proved by being quick. */
export const patience = 30_000

export interface Visitor {
  readonly page: Page
  /** Console errors and warnings, page errors, dialogs and broken content rules, as they happened. */
  readonly trouble: string[]
  leave(): Promise<void>
}

/** Starts the server and the browser for one test file; after each test nobody may have had trouble. */
export function visitors(): { visit(path: string, options?: BrowserContextOptions): Promise<Visitor>; url(): string } {
  let server: Awaited<ReturnType<typeof launch>>
  let browser: Browser
  let present: (Visitor & { context: BrowserContext })[] = []

  beforeAll(async () => {
    ;[server, browser] = await Promise.all([launch(), startBrowser()])
  })
  afterEach(async () => {
    const trouble = present.flatMap((visitor) => visitor.trouble)
    await Promise.all(present.map((visitor) => visitor.leave()))
    present = []
    expect(trouble).toEqual([])
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  return {
    url: () => server.url,
    async visit(path, options) {
      const context = await browser.newContext(options)
      const page = await context.newPage()
      page.setDefaultTimeout(patience)
      const visitor = { page, context, trouble: [] as string[], leave: () => context.close() }
      present.push(visitor)
      page.on('pageerror', (error) => visitor.trouble.push(`page error: ${error.message}`))
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) visitor.trouble.push(`${message.type()}: ${message.text()}`)
      })
      page.on('dialog', async (dialog) => {
        visitor.trouble.push(`dialog: ${dialog.message()}`)
        await dialog.dismiss()
      })
      await page.goto(server.url + path)
      return visitor
    },
  }
}

/** Waits until `read()` gives `wanted`. */
export const eventually = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: patience, interval: 50 })

/** Waits until the state indicator of the page says this. */
export async function waitForState(page: Page, state: string): Promise<void> {
  await eventually(() => page.locator('#state').getAttribute('data-state')).toBe(state)
}
