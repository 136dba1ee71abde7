import { describe, expect, it } from 'vitest'
import { abortedRequests, told, wireOf } from './stream-visit.ts'
import { eventually, visitors, waitForState } from './visitors.ts'

const { visit } = visitors()

describe('NDJSON', () => {
  it('grows a drawing and a table with each line, and shows the lines', async () => {
    const { page } = await visit('/demo/ndjson')
    const rows = page.locator('#rows tr')
    await eventually(() => rows.count()).toBeGreaterThan(2)
    expect(await page.locator('#state').getAttribute('data-state')).toBe('live')
    await told(page, 'Complete: 20 lines, none of them an error.')
    expect(await rows.count()).toBe(20)
    expect(await page.locator('#plot rect').count()).toBe(20)
    expect(await page.getByRole('img', { name: '20 of 20 bars' }).count()).toBe(1)
    const values = (await wireOf(page, 'json')).map((line) => JSON.parse(line))
    expect(values.map(({ prime }) => prime).slice(0, 5)).toEqual([2, 3, 5, 7, 11])
    expect(await rows.nth(19).locator('td').allTextContents()).toEqual(['20', '71', values[19].at.slice(11, 23)])
  })

  it('stops, and starts from the first line again', async () => {
    const { page } = await visit('/demo/ndjson')
    const aborted = abortedRequests(page)
    await eventually(() => page.locator('#rows tr').count()).toBeGreaterThan(1)
    await page.click('#run')
    await waitForState(page, 'cut')
    await eventually(() => aborted).toEqual(['/ndjson'])
    await page.click('#run')
    await eventually(() => page.locator('#rows tr td').first().textContent()).toBe('1')
    expect(await page.locator('#rows tr').count()).toBeLessThan(20)
  })

  it.each([
    [
      'a line says so',
      '{"n":1,"prime":2,"at":"2026-11-21T08:00:00.000Z"}\n{"event":"stream.error","error":{"message":"The stream failed"}}\n',
      'The list broke off after 1 of its lines: The stream failed.',
    ],
    [
      'its last line is cut',
      '{"n":1,"prime":2,"at":""}\n{"n":2,"pri',
      'The list broke off after 1 of its lines: the last one is cut.',
    ],
    [
      'a line is something else',
      '{"n":1,"prime":"<b>"}\n',
      'The list broke off after 0 of its lines: one of its lines is no prime.',
    ],
  ])('says that a list failed when %s', async (_, body, words) => {
    const { page } = await visit('/demo')
    await page.route('**/ndjson', (route) =>
      new URL(route.request().url()).pathname === '/ndjson'
        ? route.fulfill({ contentType: 'application/x-ndjson', body })
        : route.continue(),
    )
    await page.goto(page.url().replace(/\/demo.*/, '/demo/ndjson'))
    await told(page, words)
    await waitForState(page, 'failed')
    expect(await page.locator('#rows tr').count()).toBe(words.includes('after 1') ? 1 : 0)
    expect((await wireOf(page, 'error')).length).toBe(words.includes('cut') ? 0 : 1)
  })
})
