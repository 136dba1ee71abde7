import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { abortedRequests, told, wireOf } from './stream-visit.ts'
import { eventually, visitors } from './visitors.ts'

const { visit, url } = visitors()

/** What is in the frame now: a locator would wait until all of it is. */
const framed = (page: Page, selector: string): Promise<string[]> =>
  page
    .locator('#frame')
    .evaluate(
      (frame: HTMLIFrameElement, wanted) =>
        Array.from(frame.contentDocument?.querySelectorAll(wanted) ?? [], (one) => one.textContent ?? ''),
      selector,
    )
const planets = async (page: Page): Promise<number> => (await framed(page, 'h2')).length

describe('HTML', () => {
  it('shows the page while it is written, and the source of each piece', async () => {
    const { page } = await visit('/demo/html')
    await eventually(() => planets(page)).toBeGreaterThan(1)
    expect(await page.locator('#state').getAttribute('data-state')).toBe('live')
    await told(page, /^Complete: .* in \d+ pieces/)
    await eventually(() => planets(page)).toBe(8)
    const source = (await wireOf(page, 'source')).join('\n')
    expect(source).toMatch(/^<!doctype html>/)
    expect(source).toContain('<h2>Neptune</h2>')
    expect((await wireOf(page, 'piece')).length).toBeGreaterThan(4)
  })

  it('shows how a name that is markup is sent, and that it stays a name', async () => {
    const { page } = await visit('/demo/html')
    await page.fill('#name', '<script>alert(1)</script>')
    await page.keyboard.press('Enter')
    const sent = '&#60;script&#62;alert(1)&#60;/script&#62;'
    await eventually(() => page.locator('#sent').textContent()).toBe(sent)
    await eventually(() => framed(page, 'h1')).toEqual(['Sunlight for <script>alert(1)</script>'])
    expect(await framed(page, 'script')).toEqual([])
    expect(await wireOf(page, 'source')).toContain(`<h1>Sunlight for ${sent}</h1>`)
    expect(await page.locator('#wire .escape').count()).toBeGreaterThan(3)
  })

  it('stops both its requests, keeps what came, and starts again without a trace in the history', async () => {
    const { page } = await visit('/demo/html')
    const entries = await page.evaluate(() => history.length)
    const aborted = abortedRequests(page)
    await eventually(() => planets(page)).toBeGreaterThan(0)
    await page.click('#run')
    await told(page, /^Stopped\./)
    await eventually(() => aborted).toContain('/html')
    // What a frame was told to stop counts as loaded, with what there is.
    const loaded = () =>
      page.locator('#frame').evaluate((frame: HTMLIFrameElement) => frame.contentDocument?.readyState)
    await eventually(loaded).toBe('complete')
    const kept = await planets(page)
    expect(kept).toBeGreaterThan(0)
    expect(kept).toBeLessThan(8)
    await page.click('#try')
    await told(page, /^Complete/)
    await eventually(() => planets(page)).toBe(8)
    expect(await page.evaluate(() => history.length)).toBe(entries)
  })

  it('shows a page that its own site alone may frame', async () => {
    const answer = await fetch(`${url()}/html`)
    await answer.body?.cancel()
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; .*; frame-ancestors 'self'$/)
  })
})
