import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { told, wire } from './stream-visit.ts'
import { eventually, visitors, waitForState } from './visitors.ts'

const { visit } = visitors()

const bytes = readFileSync('demo/files/primes.csv')
const hash = createHash('sha256').update(bytes).digest('hex')

const received = async (page: Page): Promise<number> =>
  Number((await page.locator('#received').textContent())?.replaceAll(',', ''))

const parts = (page: Page): Promise<string[]> => page.locator('#parts li').allTextContents()

/** Starts it or goes on, and cuts it once there are so many bytes. */
async function cutAfter(page: Page, least: number): Promise<number> {
  await page.click('#run')
  await eventually(() => received(page)).toBeGreaterThan(least)
  await page.click('#run')
  await waitForState(page, 'cut')
  return received(page)
}

describe('Download', () => {
  it('is cut twice, resumes with what is missing, and is the file in the end', async () => {
    const { page } = await visit('/demo/download')
    const first = await cutAfter(page, 10_000)
    expect((await wire(page)).at(-1)).toBe('stopped here')
    expect(await page.locator('#run').textContent()).toBe('Resume')
    const second = await cutAfter(page, first + 10_000)
    await page.click('#run')
    await told(page, 'Complete, and byte for byte the file that comes in one piece.')

    const lines = await wire(page)
    expect(lines).toContain(`range: bytes=${first}-`)
    expect(lines.some((line) => /^if-range: "\w+"$/.test(line))).toBe(true)
    expect(lines.filter((line) => line === '206 Partial Content').length).toBe(2)
    expect(lines).toContain(`content-range: bytes ${second}-${bytes.length - 1}/${bytes.length}`)
    const place = (at: number) => at.toLocaleString('en')
    expect(await parts(page)).toEqual([
      `200bytes 0 to ${place(first - 1)}`,
      `206bytes ${place(first)} to ${place(second - 1)}`,
      `206bytes ${place(second)} to ${place(bytes.length - 1)}`,
    ])
    for (const id of ['#hash-parts', '#hash-whole']) expect(await page.locator(id).textContent()).toBe(hash)
    const bar = page.getByRole('progressbar')
    expect(await bar.evaluate((one: HTMLProgressElement) => one.position)).toBe(1)
  })

  it('comes from its beginning where the file is another one by now', async () => {
    const { page } = await visit('/demo/download')
    await cutAfter(page, 10_000)
    await page.route('**/primes.csv', (route) => route.fulfill({ headers: { etag: '"new"' }, body: '2\n3\n' }))
    await page.click('#run')
    await told(page, /^It was another file by now, so it came from its beginning\. Complete/)
    expect(await parts(page)).toEqual(['200bytes 0 to 3'])
    expect(await received(page)).toBe(4)
  })

  it('says so where the parts are not the whole', async () => {
    const { page } = await visit('/demo/download')
    let n = 0
    await page.route('**/primes.csv', (route) => route.fulfill({ body: String(n++) }))
    await page.click('#run')
    await told(page, 'The two are not the same file: their SHA-256 differ.')
  })

  it('starts over, and gives the file to who only wants to save it', async () => {
    const { page } = await visit('/demo/download')
    const before = await cutAfter(page, 20_000)
    await page.click('#over')
    await eventually(() => received(page)).toBeLessThan(before)
    await eventually(async () => (await parts(page)).length).toBe(1)
    expect((await wire(page)).filter((line) => line.startsWith('GET'))).toEqual(['GET /download/primes.csv'])
    const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Save' }).click()])
    expect(saved.suggestedFilename()).toBe('primes.csv')
    expect(readFileSync(await saved.path())).toEqual(bytes)
  })
})
