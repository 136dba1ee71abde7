/** The cases of the test kit are what a browser's own EventSource makes of them: there is no further authority. */
import type { Browser, Page } from 'playwright-core'
import { serve } from 'srvx/node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { byteByByte, responseOf, wireCases } from '../../src/testing.ts'
import { startBrowser } from './browser.ts'

const server = serve({
  hostname: '127.0.0.1',
  port: 0,
  silent: true,
  gracefulShutdown: false,
  fetch(request) {
    const { pathname, searchParams } = new URL(request.url)
    const wire = wireCases[Number(searchParams.get('case') ?? 'none')]?.wire
    if (!wire) return new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } })
    return responseOf(pathname === '/bytes' ? byteByByte(wire) : [wire])
  },
})
let browser: Browser
let page: Page
beforeAll(async () => {
  await server.ready()
  browser = await startBrowser()
  page = await browser.newPage()
  await page.goto(server.url ?? '')
})
afterAll(async () => {
  await browser?.close()
  await server.close(true)
})

it.each(wireCases.map((each, index) => ({ ...each, index })))('$name', async ({ index, messages }) => {
  const names = [...new Set(messages.map(({ event }) => event ?? 'message'))]
  const all = messages.map(({ event, data, lastEventId }) => ({ type: event ?? 'message', data, lastEventId }))
  for (const path of ['whole', 'bytes']) {
    const heard = await page.evaluate(
      ({ url, names }) =>
        new Promise((resolve) => {
          const source = new EventSource(url)
          const seen: { type: string; data: string; lastEventId: string }[] = []
          for (const name of new Set([...names, 'message', 'x']))
            source.addEventListener(name, ({ type, data, lastEventId }) => void seen.push({ type, data, lastEventId }))
          source.onerror = () => {
            source.close()
            resolve(seen)
          }
        }),
      { url: `/${path}?case=${index}`, names },
    )
    expect(heard, path).toEqual(all)
  }
})
