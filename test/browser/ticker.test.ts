import { describe, expect, it } from 'vitest'
import { number, wire, wireIds } from './ticker-visit.ts'
import { eventually, visitors, waitForState } from './visitors.ts'

const { visit } = visitors()

describe('Ticker', () => {
  it('shows one stream twice: as events and as the text on the wire', async () => {
    const { page } = await visit('/demo/ticker')
    await waitForState(page, 'live')
    await eventually(() => number(page)).toBeGreaterThanOrEqual(2)
    await eventually(() => wireIds(page)).toContain(2)

    const lines = await wire(page)
    expect(lines.slice(0, 2)).toEqual(['GET /sse', ': heartbeat=15'])
    expect(lines.some((line) => /^retry: \d+$/.test(line))).toBe(true)
    const first = lines.indexOf('event: timestamp')
    expect(lines.slice(first, first + 4)).toEqual([
      'event: timestamp',
      expect.stringMatching(/^data: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      'id: 1',
      '',
    ])
    for (const kind of ['request', 'comment', 'retry', 'id', 'event', 'data']) {
      expect(await page.locator(`#wire [data-kind=${kind}]`).count()).toBeGreaterThan(0)
    }
    expect(await page.locator('#field-data').textContent()).toMatch(/Z$/)
  })

  it('counts on after a cut, in both views', async () => {
    const { page } = await visit('/demo/ticker')
    await eventually(() => number(page)).toBeGreaterThanOrEqual(2)
    await eventually(() => wireIds(page)).toContain(2)

    await page.click('#connection')
    await waitForState(page, 'cut')
    const cutAfter = await number(page)
    const wireCutAfter = (await wireIds(page)).at(-1)
    await page.click('#connection')
    await waitForState(page, 'live')
    await eventually(() => page.locator('#story').textContent()).toBe(
      `Cut after ${cutAfter}, resumed with ${cutAfter + 1}.`,
    )
    await eventually(async () => (await wireIds(page)).at(-1)).toBe((wireCutAfter ?? 0) + 2)

    const lines = await wire(page)
    expect(lines).toContain(`cut after id ${wireCutAfter}`)
    expect(lines).toContain(`last-event-id: ${wireCutAfter}`)
    const all = await wireIds(page)
    expect(all).toEqual(Array.from(all, (_, index) => index + 1))
    expect(await page.locator('.tape-break').count()).toBe(1)
  })

  it('is cut and resumed by keyboard, and says so to everyone', async () => {
    const { page } = await visit('/demo/ticker')
    await waitForState(page, 'live')
    const connection = page.getByRole('switch', { name: 'Connection' })
    await connection.focus()
    await page.keyboard.press('Space')
    expect(await connection.getAttribute('aria-checked')).toBe('false')
    await eventually(() => page.getByRole('status').first().textContent()).toContain('Cut')
    await page.keyboard.press('Space')
    expect(await connection.getAttribute('aria-checked')).toBe('true')
    await eventually(() => page.getByRole('status').first().textContent()).toContain('Live')
  })
})
