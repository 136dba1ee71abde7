/** The Tabs page in real tabs of one browser: one connection for all, and nothing lost when the tab that has it is closed. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { JWT_SECRET, tokenOf } from '../access/tokens.ts'
import { complaints, desktop, isTooWide, phone, screenshot } from './looks.ts'
import { publish } from './room-visit.ts'
import { eventually, networkErrors, type Visitor, visitors, waitForState } from './visitors.ts'

const { visit, url, kill, restart } = visitors()

const pathOf = (room: string): string => `/demo/tabs#room=${room}`
const fact = async (page: Page, name: string): Promise<string | null> => page.locator(`#${name}`).textContent()
const rows = (page: Page): Promise<string[]> => page.locator('#tabs .tab-name').allTextContents()
/** The tab that leads, as a page shows it. */
const leader = async (page: Page): Promise<string> =>
  (await page.locator('#tabs .tab-leads .tab-name').allTextContents()).join()
const ways = (page: Page): Promise<(string | null)[]> =>
  page.locator('#tabs .tab').evaluateAll((all) => all.map((one) => one.getAttribute('data-way')))
/** How many messages each tab has read, as a page shows it. */
const read = async (page: Page): Promise<number[]> =>
  (await page.locator('#tabs .tab-read').allTextContents()).map((text) => Number.parseInt(text.replace(',', ''), 10))
/** The ids that this tab has read, as far as they are still shown. */
const heard = async (page: Page): Promise<string[]> =>
  ((await page.locator('#heard').textContent()) ?? '').match(/(?<=^id: )\S+/gm) ?? []

/** Streams of the room, as its server counts them. */
async function subscribers(room: string): Promise<number> {
  const answer = await fetch(`${url()}/rooms/${room}`)
  return ((await answer.json()) as { subscribers: number }).subscribers
}

async function open(room: string, count: number, options = {}): Promise<Visitor[]> {
  const first = await visit(pathOf(room), options)
  const all = [first]
  while (all.length < count) all.push(await visit(pathOf(room), { ...options, beside: first }))
  for (const { page } of all) {
    await waitForState(page, 'live')
    await eventually(() => fact(page, 'count')).toBe(String(count))
  }
  return all
}

/** Nothing is missing, nothing came twice, and the end is that of the room. */
async function expectNothingLost(pages: Page[], room: string): Promise<void> {
  const answer = await fetch(`${url()}/rooms/${room}/events`, { headers: { accept: 'application/x-ndjson' } })
  const lines = (await answer.text()).split('\n').filter((line) => line !== '')
  const said = lines.map((line): string => JSON.parse(line).id)
  for (const page of pages) {
    await eventually(async () => (await heard(page)).at(-1)).toBe(said.at(-1))
    const all = await heard(page)
    expect(all).toEqual(said.slice(-all.length))
    expect([await fact(page, 'missed'), await fact(page, 'twice')]).toEqual(['0', '0'])
  }
}

describe('Tabs', () => {
  it('reads over one connection, and says which tab has it and where each of them is', async () => {
    const tabs = await open('one', 3)
    const [first, , third] = tabs.map(({ page }) => page) as [Page, Page, Page]
    for (const { page } of tabs) {
      await eventually(() => rows(page)).toEqual(['Tab 1', 'Tab 2', 'Tab 3'])
      await eventually(() => leader(page)).toBe('Tab 1')
      await eventually(() => fact(page, 'readers')).toBe('1')
      expect(await ways(page)).toEqual(['own', 'told', 'told'])
    }
    await third.fill('#text', 'Hello, <b>tabs</b>')
    await third.click('#say [type=submit]')
    for (const { page } of tabs)
      await eventually(() => page.locator('#heard').textContent()).toContain('Tab 3: Hello, <b>tabs</b>')
    expect(await third.inputValue('#text')).toBe('')
    for (let n = 1; n <= 20; n++) await publish(url(), 'one', { data: `line ${n}` })
    for (const { page } of tabs) {
      await eventually(() => read(page)).toEqual([21, 21, 21])
      const [cursor] = new Set(await page.locator('#tabs .tab-cursor').allTextContents())
      expect(cursor).toBe((await heard(first)).at(-1))
    }
    expect(await subscribers('one')).toBe(1)
    await expectNothingLost([first, third], 'one')
  })

  it('goes on in the next tab when the one that leads is closed, and misses nothing', async () => {
    const tabs = await open('closed', 4)
    const pages = tabs.map(({ page }) => page)
    const last = pages.at(-1) as Page
    await last.click('#tick')
    for (const [index, page] of pages.slice(0, 2).entries()) {
      await eventually(async () => (await read(last)).at(-1)).toBeGreaterThan(20 * (index + 1))
      await page.close()
      await eventually(() => rows(last)).toHaveLength(3 - index)
      await eventually(() => leader(last)).toMatch(/^Tab [2-4]$/)
    }
    await eventually(() => last.locator('#story').textContent()).toMatch(/^Tab \d has gone, and tab \d leads now/)
    const before = (await read(last)).at(-1) as number
    await eventually(async () => (await read(last)).at(-1)).toBeGreaterThan(before + 20)
    await last.click('#tick')
    await eventually(() => fact(last, 'readers')).toBe('1')
    await expectNothingLost(pages.slice(2), 'closed')
  })

  it('opens tabs, and closes the one that leads, wherever it is pressed', async () => {
    const { page } = await visit(pathOf('opened'), { expected: /Scripts may close only the windows/ })
    await waitForState(page, 'live')
    const [second] = await Promise.all([page.waitForEvent('popup'), page.click('#open')])
    await waitForState(second, 'live')
    const [third] = await Promise.all([second.waitForEvent('popup'), second.click('#open')])
    for (const tab of [page, second, third]) await eventually(() => rows(tab)).toEqual(['Tab 1', 'Tab 2', 'Tab 3'])
    expect(await leader(third)).toBe('Tab 1')
    // No page has opened the first one, so no page may close it: its part is over.
    await third.click('#end')
    await eventually(() => page.locator('#story').textContent()).toContain('This tab has left')
    await waitForState(page, 'cut')
    await eventually(() => rows(third)).toEqual(['Tab 2', 'Tab 3'])
    await eventually(() => leader(third)).not.toBe('')
    const isSecond = (await leader(third)) === 'Tab 2'
    const [going, staying] = isSecond ? [second, third] : [third, second]
    await Promise.all([going.waitForEvent('close'), staying.click('#end')])
    await eventually(() => leader(staying)).toBe(isSecond ? 'Tab 3' : 'Tab 2')
    await publish(url(), 'opened', { data: 'still here' })
    await eventually(() => read(staying)).toEqual([1])
    // Its number is free again.
    await page.reload()
    await eventually(async () => (await rows(staying))[0]).toBe('Tab 1')
  })

  it('leaves each tab on its own where that is wanted: six of them read, and the seventh waits', async () => {
    const tabs = await open('apart', 6)
    const [first] = tabs.map(({ page }) => page) as [Page]
    await publish(url(), 'apart', { data: 'shared' })
    await eventually(() => read(first)).toEqual([1, 1, 1, 1, 1, 1])
    await first.click('#shared')
    await eventually(() => fact(first, 'readers')).toBe('6')
    await eventually(() => ways(first)).toEqual(Array(6).fill('own'))
    for (const { page } of tabs) expect(await page.locator('#shared').getAttribute('aria-checked')).toBe('false')
    await publish(url(), 'apart', { data: 'apart' })
    await eventually(() => read(first)).toEqual([2, 2, 2, 2, 2, 2])
    const seventh = visit(pathOf('apart'), { beside: tabs[0] as Visitor })
    let isThere = false
    void seventh.then(() => {
      isThere = true
    })
    await publish(url(), 'apart', { data: 'without it' })
    await eventually(() => read(first)).toEqual([3, 3, 3, 3, 3, 3])
    expect(isThere).toBe(false)
    await first.click('#shared')
    const { page: last } = await seventh
    await eventually(() => fact(last, 'count')).toBe('7')
    await waitForState(last, 'live')
    await publish(url(), 'apart', { data: 'together' })
    await eventually(() => read(last)).toEqual([4, 4, 4, 4, 4, 4, 1])
    // The server learns of a connection that was closed when it next writes to it.
    await eventually(async () => {
      await publish(url(), 'apart', { data: 'is anyone there?' })
      return fact(last, 'readers')
    }).toBe('1')
    await expectNothingLost([first, last], 'apart')
  })

  it('goes from one way to the other while messages come, and misses nothing', async () => {
    const pages = (await open('between', 3)).map(({ page }) => page)
    const [first, , third] = pages as [Page, Page, Page]
    let isOver = false
    const talk = async (): Promise<void> => {
      for (let n = 1; !isOver; n++) await publish(url(), 'between', { data: `line ${n}` })
    }
    const talking = talk()
    for (const readers of ['3', '1', '3', '1']) {
      const before = Math.min(...(await read(first)))
      await third.click('#shared')
      await eventually(() => fact(first, 'readers')).toBe(readers)
      await eventually(async () => Math.min(...(await read(first)))).toBeGreaterThan(before + 5)
    }
    isOver = true
    await talking
    await expectNothingLost(pages, 'between')
  })

  it('comes back in all tabs when the server does', async () => {
    const tabs = await open('killed', 2, { expected: networkErrors })
    const pages = tabs.map(({ page }) => page)
    await publish(url(), 'killed', { data: 'before' })
    for (const page of pages) await eventually(() => read(page)).toEqual([1, 1])
    await kill()
    for (const page of pages) await waitForState(page, 'resuming')
    await restart()
    for (const page of pages) await waitForState(page, 'live')
    await publish(url(), 'killed', { data: 'after' })
    await eventually(() => read(pages[0] as Page)).toEqual([2, 2])
    await expectNothingLost(pages, 'killed')
  })

  it('shows what strangers say as text, and no more of it than fits', async () => {
    const { page } = await visit(pathOf('hostile'))
    await waitForState(page, 'live')
    const hostile = '<img src=x onerror=alert(1)>'
    for (const data of [hostile, { from: hostile, text: hostile }, null, 7, { from: 7 }, 'x'.repeat(200_000)])
      await publish(url(), 'hostile', { data })
    for (const data of [hostile, null, { tick: hostile, by: hostile }])
      await publish(url(), 'hostile', { event: 'tick', data })
    await eventually(() => read(page)).toEqual([9])
    const shown = ((await page.locator('#heard').textContent()) ?? '').trim().split('\n')
    expect(shown.map((line) => line.replace(/^id: \S+ {2}/, ''))).toEqual([
      hostile,
      `${hostile}: ${hostile}`,
      'null',
      '7',
      '{"from":7}',
      'x'.repeat(300),
      'tick',
      'tick',
      'tick NaN of tab NaN',
    ])
    expect(await page.locator('#heard img').count()).toBe(0)
  })

  it.each(['light', 'dark'] as const)('is accessible, together and apart, in %s', async (colorScheme) => {
    const tabs = await open(`looks-${colorScheme}`, 3, { colorScheme, viewport: desktop })
    const page = (tabs[1] as Visitor).page
    await publish(url(), `looks-${colorScheme}`, { event: 'chat', data: { from: 'Grace', text: 'Morning.' } })
    await eventually(() => read(page)).toEqual([1, 1, 1])
    for (const way of ['together', 'apart']) {
      if (way === 'apart') await page.click('#shared')
      await eventually(() => fact(page, 'readers')).toBe(way === 'apart' ? '3' : '1')
      for (const [name, viewport] of Object.entries({ '': desktop, '-phone': phone })) {
        await page.setViewportSize(viewport)
        await screenshot(page, `tabs${name}-${way}-${colorScheme}`)
        expect(await complaints(page)).toEqual([])
        expect(await isTooWide(page)).toBe(false)
      }
      await page.setViewportSize(desktop)
    }
  })
})

describe('Tabs, where the server asks for a token', () => {
  const { visit } = visitors({ EDGE_SSE_JWT_SECRET: JWT_SECRET })
  const expected = /status of 401/

  it('says so in each, and reads with the one that the Room page was given', async () => {
    const first = await visit(pathOf('locked'), { expected })
    const second = await visit(pathOf('locked'), { expected, beside: first })
    for (const { page } of [first, second]) {
      await waitForState(page, 'signed-out')
      expect(await page.locator('#story').textContent()).toContain('sign in on the Room page first')
    }
    const token = await tokenOf({ claims: { rooms: { locked: ['subscribe', 'publish'] } } })
    await first.page.evaluate((token) => sessionStorage.setItem('edge-sse:token', token), token)
    await first.page.reload()
    await waitForState(first.page, 'live')
    await first.page.fill('#text', 'let in')
    await first.page.click('#say [type=submit]')
    await eventually(() => first.page.locator('#heard').textContent()).toContain('let in')
  })
})
