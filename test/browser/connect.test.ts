/** The suite of `connect()` in a page, bundled as a page would have it. */
import { buildSync } from 'esbuild'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { connectCases } from '../client/connect-cases.ts'
import { Scripted } from '../client/scripted.ts'
import { startBrowser } from './browser.ts'
import { goOffline, goOnline } from './offline.ts'

const script = `
import { connect } from './src/client.ts'
import { connectCases } from './test/client/connect-cases.ts'
import { platforms } from './test/client/platforms.ts'
globalThis.connect = connect
globalThis.runCase = (name, server) =>
  connectCases.find((it) => it.name === name).run({ server, platform: platforms.chromium })
`

describe('connect in Chromium', () => {
  let browser: Browser
  let page: Page
  beforeAll(async () => {
    browser = await startBrowser()
    page = await browser.newPage()
    await page.goto(`${inject('scripted').url}/page`)
    const stdin = { contents: script, resolveDir: '.' }
    const { outputFiles } = buildSync({ stdin, bundle: true, format: 'iife', target: 'es2024', write: false })
    await page.addScriptTag({ content: outputFiles[0]?.text ?? '' })
  })
  afterAll(() => browser.close())

  for (const { name } of connectCases)
    it(name, async () => {
      const run = `runCase(${JSON.stringify(name)}, ${JSON.stringify(inject('scripted'))}).then(() => 'ran', String)`
      expect(await page.evaluate(run)).toBe('ran')
    })

  it('goes on at once when the network of its browser is back', async () => {
    const script = await Scripted.play(
      inject('scripted'),
      { body: ['id: 1\ndata: one\n\n', { gate: true }], end: 'cut' },
      { body: ['id: 2\ndata: two\n\n'], end: 'hang' },
    )
    await page.evaluate(`
      globalThis.read = []
      globalThis.connection = connect('${script.url}', { minDelay: 60_000, maxDelay: 120_000 })
      void (async () => {
        for await (const { data } of connection) read.push(data)
      })()`)
    await page.waitForFunction('read.length === 1')
    await goOffline(page.context())
    await page.waitForFunction('!navigator.onLine')
    await script.release()
    await page.waitForFunction(
      'connection.state.phase === "resuming" && connection.state.retryAt > Date.now() + 100_000',
    )
    await goOnline(page.context())
    await page.waitForFunction('read.length === 2')
    await page.evaluate('connection.close()')
  })
})
