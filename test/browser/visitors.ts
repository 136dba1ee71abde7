/** People at the demo pages: each in a browser context of their own, none of whom may see anything go wrong. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { launch, type Server } from '../launch.ts'
import { startBrowser } from './browser.ts'

/** How long a condition may take to come true, in milliseconds: generous, because nothing is proved by being quick. */
export const patience = 30_000

/** What the browser itself writes to the console when a request fails, whatever the page makes of it. */
export const networkErrors = /^error: Failed to load resource: (net::ERR_|the server responded with a status of 503)/

export interface Visitor {
  readonly page: Page
  readonly context: BrowserContext
  /** Console errors and warnings, page errors, dialogs and broken content rules, as they happened. */
  readonly trouble: string[]
  leave(): Promise<void>
}

export interface VisitOptions extends BrowserContextOptions {
  /** Whose browser it is: a second window there. Defaults to a browser of their own. */
  beside?: Visitor
  /** Lines of trouble that belong to what the test does. */
  expected?: RegExp
  /** Where they reach the server. Defaults to its own address. */
  at?: string
}

export interface Visitors {
  visit(path: string, options?: VisitOptions): Promise<Visitor>
  url(): string
  port(): number
  /** Kills the Worker, as a crash would: nobody is told, the disk stays. */
  kill(): Promise<void>
  /** Starts it again, on the same port and with what it had on disk. */
  restart(): Promise<void>
}

/**
 * Starts the server and the browser for one test file or `describe`; after each test nobody may have had trouble. The server
 * is open to everyone unless `vars` say otherwise; they may be known only when it starts.
 */
export function visitors(
  vars: Record<string, string> | (() => Record<string, string>) = { EDGE_SSE_ACCESS: 'open' },
): Visitors {
  let state: string
  let server: Server
  let isUp = false
  let browser: Browser
  let present: Visitor[] = []

  async function start(port = 0): Promise<void> {
    server = await launch(typeof vars === 'function' ? vars() : vars, { state, port })
    isUp = true
  }
  async function kill(): Promise<void> {
    isUp = false
    await server.close()
  }

  beforeAll(async () => {
    state = mkdtempSync(join(tmpdir(), 'edge-sse-browser-'))
    ;[, browser] = await Promise.all([start(), startBrowser()])
  })
  afterEach(async () => {
    const trouble = present.flatMap((visitor) => visitor.trouble)
    await Promise.all(present.map((visitor) => visitor.leave()))
    present = []
    // A test that failed in the middle of an outage must not take the next ones along.
    if (!isUp) await start(server.port)
    expect(trouble).toEqual([])
  })
  afterAll(async () => {
    await browser?.close()
    if (isUp) await kill()
    rmSync(state, { recursive: true, force: true })
  })

  return {
    url: () => server.url,
    port: () => server.port,
    kill,
    restart: () => start(server.port),
    async visit(path, { beside, expected, at = server.url, ...options } = {}) {
      const context = beside?.context ?? (await browser.newContext(options))
      const page = await context.newPage()
      page.setDefaultTimeout(patience)
      const visitor = { page, context, trouble: [] as string[], leave: () => context.close() }
      const complain = (line: string): void => {
        if (!expected?.test(line)) visitor.trouble.push(line)
      }
      present.push(visitor)
      page.on('pageerror', (error) => complain(`page error: ${error.message}`))
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complain(`${message.type()}: ${message.text()}`)
      })
      page.on('dialog', async (dialog) => {
        complain(`dialog: ${dialog.message()}`)
        // A page that goes elsewhere takes its dialog along.
        await dialog.dismiss().catch(() => {})
      })
      await page.goto(at + path)
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
