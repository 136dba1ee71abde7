/** Words that would be programs: nothing on our pages obeys them, and where they are shown they are what was written. */
import { describe, expect, it } from 'vitest'
import { escapeHtml } from '../../src/html.ts'
import { canary, oneLine, payloads, printable, together } from './scripting-payloads.ts'
import { enter, openWatched, soon, sourceOf } from './scripting-visit.ts'
import { strays } from './scripting-watch.ts'
import { told, wire } from './stream-visit.ts'
import { visitors, waitForState } from './visitors.ts'

const all = visitors()
const { url } = all

describe('what is in an address', () => {
  const pages = ['index', 'chat', 'chat-tool', 'ticker', 'html', 'text', 'ndjson', 'download', 'progress']
  it.each(pages)('does nothing on %s', async (name) => {
    const words = { room: together, name: together, job: together, chat: together, answer: together }
    const query = new URLSearchParams(words)
    const { page } = await openWatched(all, `${name === 'index' ? '/' : `/demo/${name}`}?${query}#${query}`)
    expect(await strays(page, { source: sourceOf(name) })).toEqual([])
    for (const words of payloads) {
      await page.evaluate((hash) => (location.hash = hash), words)
      expect(await page.evaluate(() => document.title)).toBe(/<title>(.*)<\/title>/.exec(sourceOf(name))?.[1])
    }
    await page.waitForLoadState()
    expect(await strays(page, { source: sourceOf(name) })).toEqual([])
  })

  it.each(['/problems/', '/demo/', '/download/', '/rooms/', '/nothing/'])('is no page below %s', async (path) => {
    const { page } = await openWatched(all, '/healthz')
    for (const [index, words] of payloads.entries()) {
      // As a link would say it, and as a person would type it.
      const addresses = [encodeURIComponent(words), `/${words}?${words}#${words}`].map((rest) => url() + path + rest)
      for (const address of addresses) {
        const answer = await fetch(address)
        expect(answer.headers.get('content-type')).toMatch(/^application\/(problem\+)?json/)
        expect(await answer.text()).not.toContain(canary)
      }
      if (path !== '/problems/' && path !== '/demo/') continue
      await page.goto(addresses[index % 2] ?? '')
      const kinds = () => [...document.querySelectorAll('body *')].map(({ localName }) => localName).join(' ')
      expect(await page.evaluate(kinds)).toMatch(/^pre( div)?$/)
    }
  })

  it('is a name on /html, and plain text on /text', async () => {
    const { page } = await openWatched(all, '/healthz')
    const whole = await (await fetch(`${url()}/html`)).text()
    await page.goto(`${url()}/html?${new URLSearchParams({ name: together })}`)
    // A parser drops null bytes.
    const words = together.replaceAll('\0', '')
    expect(await page.locator('h1').allTextContents()).toEqual([`Sunlight for ${words}`])
    expect(await page.locator('p').last().textContent()).toBe(`That is all of it, ${words}: the page is complete.`)
    expect(await strays(page, { source: whole, may: [] })).toEqual([])
    await page.goto(`${url()}/text?${new URLSearchParams({ name: together })}`, { waitUntil: 'commit' })
    await soon(() => page.locator('pre').textContent()).toContain(`${together.replaceAll('\0', '\ufffd')},`)
    expect(await page.evaluate(() => document.contentType)).toBe('text/plain')
  })
})

describe('HTML and Text', () => {
  it('show the name that was typed, in the page, in its source and as it was sent', async () => {
    const { page } = await openWatched(all, '/demo/html')
    // A style in what is only looked at would break the rules of the page that looks.
    const framed = (await (await fetch(`${url()}/html`)).text()).replace(/<style>.*<\/style>/s, '')
    for (const words of payloads.map(oneLine)) {
      await enter(page, '#name', words)
      await soon(() => page.locator('#sent').textContent()).toBe(escapeHtml(words))
      expect(await page.locator('#typed').textContent()).toBe(words)
      const heading = () =>
        page
          .locator('#frame')
          .evaluate((one: HTMLIFrameElement) => one.contentDocument?.querySelector('h1')?.textContent)
      await soon(heading).toBe(`Sunlight for ${words.replaceAll('\0', '')}`)
      const may = ['section', 'h2', 'p', 'meter', 'style']
      expect(await strays(page, { source: framed, frame: '#frame', may })).toEqual([])
    }
    expect(await strays(page, { source: sourceOf('html') })).toEqual([])
  })

  it('show a text that begins with it, and why it was refused', async () => {
    const { page } = await openWatched(all, '/demo/text')
    for (const words of payloads.map(oneLine)) {
      await enter(page, '#name', words)
      await soon(() => page.locator('#written').textContent()).toMatch(`${words},`)
    }
    expect(await strays(page, { source: sourceOf('text') })).toEqual([])
    for (const words of payloads) {
      await page.route('**/text?*', (route) => route.fulfill({ status: 429, body: JSON.stringify({ detail: words }) }))
      await enter(page, '#name', words)
      await told(page, `The server refused: ${words}.`)
    }
    expect(await strays(page, { source: sourceOf('text') })).toEqual([])
  })
})

describe('Progress', () => {
  it('watches no job of such an id', async () => {
    const { page } = await openWatched(all, '/demo/progress')
    for (const words of payloads) {
      const job = new URLSearchParams({ job: words })
      await page.evaluate((hash) => (location.hash = hash), String(job))
      await soon(() => wire(page)).toContain(`GET /progress/${encodeURIComponent(words)}/events`)
      await told(page, /^The server refused: Cannot find job/)
    }
    expect(await strays(page, { source: sourceOf('progress') })).toEqual([])
  })

  it('shows what a job says, and how it ends', async () => {
    const { page } = await openWatched(all, '/demo/progress')
    let body = ''
    await page.route('**/progress/**', (route) => route.fulfill({ contentType: 'text/event-stream', body }))
    const ends = (words: string) => [
      [['done', { result: words }], `Done: ${words}`],
      [['stream.error', { code: 'producer-failed', message: words }], `It failed: ${words}.`],
      [['log', { line: '' }], words],
    ]
    for (const [index, words] of payloads.entries()) {
      const [last, sentence] = ends(words)[index % 3] ?? []
      const events = [
        ['log', { line: words }],
        ['progress', { done: 1, of: 2, percent: words }],
        ['stream.gap', { reason: words }],
        [words, { [words]: words }],
        ['stream.error', { code: words, message: words }],
        last as [string, object],
      ]
      body = events.map(([event, data]) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`).join('')
      await page.evaluate((hash) => (location.hash = hash), `job=${index}`)
      await soon(() => page.locator('#story').textContent()).toBe(sentence)
      expect(await page.locator('#percent').textContent()).toBe(`${words} %`)
      expect(await page.locator('#log li').first().textContent()).toBe(words)
      expect(await wire(page)).toContain(`data: ${JSON.stringify({ reason: words })}`)
    }
    expect(await strays(page, { source: sourceOf('progress') })).toEqual([])
  })
})

describe('NDJSON and Download', () => {
  it('show the values of a list, what is no JSON, and why it failed', async () => {
    const { page } = await openWatched(all, '/healthz')
    for (const words of payloads) {
      const row = JSON.stringify({ n: words, prime: 2, at: `0123456789 ${words}` })
      const last = JSON.stringify({ event: 'stream.error', error: { message: words } })
      const body = `${[row, oneLine(words), last].join('\n')}\n`
      await page.unroute('**/ndjson')
      await page.route(`${url()}/ndjson`, (route) => route.fulfill({ contentType: 'application/x-ndjson', body }))
      if (words === payloads[0]) await page.goto(`${url()}/demo/ndjson`)
      else await page.click('#run')
      await told(page, `The list broke off after 1 of its lines: ${words}.`)
      expect(await page.locator('#rows td').allTextContents()).toEqual([words, '2', words.slice(0, 12)])
      expect(await wire(page)).toContain(oneLine(words))
    }
    expect(await strays(page, { source: sourceOf('ndjson') })).toEqual([])
  })

  it('show the headers of an answer, and of a request that brings one of them back', async () => {
    const { page } = await openWatched(all, '/demo/download')
    const headers = Object.fromEntries(printable.map((words, index) => [`x-words-${index}`, words]))
    await page.route('**/primes.csv', (route) =>
      route.fulfill({ headers: { ...headers, etag: printable.join(' ') }, body: 'x'.repeat(100_000) }),
    )
    await page.click('#run')
    await page.locator('#parts li').waitFor()
    await page.click('#run')
    await waitForState(page, 'cut')
    await page.click('#run')
    await soon(() => wire(page)).toContain(`if-range: ${printable.join(' ')}`)
    const lines = await wire(page)
    for (const [name, words] of Object.entries(headers)) expect(lines).toContain(`${name}: ${words}`)
    expect(await strays(page, { source: sourceOf('download') })).toEqual([])
  })
})

describe('Ticker and the first page', () => {
  it.each(['index', 'ticker'])('%s shows ids, and lines of any kind', async (name) => {
    const { page } = await openWatched(all, '/healthz')
    const lines = printable.flatMap((words) => [
      `: ${words}`,
      `${words}: ${words}`,
      `event: ${words}`,
      `data: ${words}`,
      '',
      'event: timestamp',
      `id: ${words}`,
      'data: 2026-11-21T08:00:00.000Z',
      '',
    ])
    const body = `retry: 3600000\n\n${lines.join('\n')}\n`
    await page.route('**/sse', (route) => route.fulfill({ contentType: 'text/event-stream', body }))
    await page.goto(url() + (name === 'index' ? '/' : '/demo/ticker'))
    await soon(() => page.locator('#number').textContent()).toBe(printable.at(-1))
    if (name === 'ticker') await soon(() => wire(page)).toContain(`id: ${printable.at(-1)}`)
    expect(await strays(page, { source: sourceOf(name) })).toEqual([])
  })
})
