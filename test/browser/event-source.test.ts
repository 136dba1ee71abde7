/** The facts of the interface in Chromium: about its own `EventSource`, which judges them, and about ours beside it. */

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildSync } from 'esbuild'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer } from '../client/event-source-case.ts'
import { eventSourceCases } from '../client/event-source-cases.ts'
import { startBrowser } from './browser.ts'

/** By path: what is still to be answered there, and the last id that each request brought. */
const answers = new Map<string, Answer[]>()
const asked = new Map<string, string[]>()

const server: Server = createServer((request, response) => {
  const path = request.url ?? ''
  if (path === '/')
    return response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Events</title>')
  asked.set(path, [...(asked.get(path) ?? []), String(request.headers['last-event-id'] ?? '')])
  const answer = answers.get(path)?.shift()
  if (!answer) return response.writeHead(204).end()
  const { status = 200, type = 'text/event-stream', body = '', stays } = answer
  response.writeHead(status, { 'content-type': type }).flushHeaders()
  response.write(body)
  if (!stays) response.end()
  return
})
let browser: Browser
let page: Page
let origin: string
const uncaught: string[] = []

beforeAll(async () => {
  const entryPoints = ['test/browser/event-source-page.ts']
  const { outputFiles } = buildSync({ entryPoints, bundle: true, format: 'iife', target: 'es2022', write: false })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  browser = await startBrowser()
  page = await browser.newPage()
  page.on('pageerror', (error) => uncaught.push(error.message))
  await page.goto(origin)
  await page.addScriptTag({ content: outputFiles[0]?.text ?? '' })
})
afterAll(async () => {
  await browser?.close()
  server.closeAllConnections()
  server.close()
})

describe.each(['native', 'ours'] as const)('EventSource (%s) in Chromium', (whose) => {
  it.each(eventSourceCases.map((each, at) => [each.name, each, at] as const))('%s', async (name, each, at) => {
    const path = `/${whose}/${at}`
    answers.set(path, [...each.answers])
    uncaught.length = 0
    const found = await page.evaluate(([name, whose, url]) => globalThis.eventSourcePage.run(name, whose, url), [
      name,
      whose,
      origin + path,
    ] as const)
    expect(found).toEqual(each.expected)
    if (each.asked) expect(asked.get(path)).toEqual(each.asked)
    const thrown = each.throws ? ['a', 'b', 'open'].map((where) => `thrown at ${where}`) : []
    await expect.poll(() => [...new Set(uncaught)].sort()).toEqual(thrown)
  })

  // eventsource/eventsource-constructor-{empty-url,null,undefined}.any.js and eventsource-url.any.js of web-platform-tests
  it('has a URL beside that of the page', async () => {
    const found = await page.evaluate((whose) => globalThis.eventSourcePage.urls(whose), whose)
    expect(found).toEqual(['/', '/null', '/undefined', '/a/b', '/?c'].map((path) => origin + path))
  })
})
