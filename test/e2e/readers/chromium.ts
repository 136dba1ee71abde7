/** Chromium's own EventSource, on a page of the server's origin: an EventSource elsewhere would ask for CORS. */
import type { Browser } from 'playwright-core'
import { startBrowser } from '../../browser/browser.ts'
import type { Dispatched } from '../awkward.ts'
import { readEventSource } from './event-source.ts'
import type { Reader } from './reader.ts'

let browser: Browser | undefined

export const chromium: Reader = {
  name: 'Chromium',
  reconnects: true,
  tellsIds: true,
  async read(url, terms): Promise<Dispatched[]> {
    const page = await browser?.newPage()
    if (!page) throw new Error('Cannot read: the browser was not started')
    await page.goto(new URL('/healthz', url).href)
    const read = `(${readEventSource})(EventSource, ${JSON.stringify(url)}, ${JSON.stringify(terms)})`
    const heard = await page.evaluate<Dispatched[]>(read)
    await page.close()
    return heard
  },
  async start() {
    browser = await startBrowser()
  },
  async stop() {
    await browser?.close()
  },
}
