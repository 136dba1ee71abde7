import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { goOffline, goOnline } from './offline.ts'
import { story, told, wire } from './stream-visit.ts'
import { eventually, networkErrors, type Visitor, visitors, waitForState } from './visitors.ts'

const { visit, kill, restart } = visitors()

const log = (page: Page): Promise<string[]> => page.locator('#log li').allTextContents()

const steps = async (page: Page): Promise<number> =>
  Number((await page.locator('#steps-done').textContent())?.match(/^\d+/)?.[0] ?? 0)

/** The log of a job with so many steps, when it is done. */
const whole = (steps: number): string[] => Array.from({ length: steps }, (_, n) => `Step ${n + 1} is done`)

/** Starts a job of so many steps, and waits until some of them are done. */
async function start({ page }: Visitor, of: number, atLeast = 3): Promise<void> {
  await page.fill('#steps', String(of))
  await page.click('#run')
  await eventually(() => steps(page)).toBeGreaterThanOrEqual(atLeast)
}

describe('Progress', () => {
  it('shows how far the job is, its log and its result, and all of it on the wire', async () => {
    const visitor = await visit('/demo/progress')
    const { page } = visitor
    await start(visitor, 8)
    await waitForState(page, 'live')
    await told(page, 'Done: 8 steps')
    await waitForState(page, 'ended')
    expect(await page.locator('#percent').textContent()).toBe('100 %')
    expect(await page.getByRole('progressbar').evaluate((bar: HTMLProgressElement) => bar.position)).toBe(1)
    expect(await log(page)).toEqual(whole(8))

    await eventually(async () => (await wire(page)).at(-1)).toBe('complete, nothing more will come')
    const lines = await wire(page)
    expect(lines).toContain('id: ~end')
    const id = new URL(page.url()).hash.slice('#job='.length)
    expect(lines[0]).toBe('POST /progress')
    expect(lines).toContain('{"steps":8}')
    expect(lines).toContain('201 Created')
    expect(lines).toContain(`GET /progress/${id}/events`)
    expect(lines).toContain('data: {"line":"Step 1 is done"}')
    expect(lines.filter((line) => line.startsWith('GET')).length).toBe(1)
  })

  it('goes on while the page is loaded anew, and is seen from its beginning in a second tab', async () => {
    const visitor = await visit('/demo/progress')
    const { page } = visitor
    await start(visitor, 24)
    const address = page.url()
    await page.reload()
    await eventually(() => steps(page)).toBeGreaterThan(3)
    const [second] = await Promise.all([page.waitForEvent('popup'), page.click('#again')])
    await eventually(() => steps(second)).toBeGreaterThan(3)
    expect(second.url()).toBe(address)
    await page.goto('about:blank')
    await page.goto(address)
    for (const tab of [page, second]) {
      await told(tab, 'Done: 24 steps')
      expect(await log(tab)).toEqual(whole(24))
    }
    // Whoever comes after its end sees all of it too.
    await page.reload()
    await told(page, 'Done: 24 steps')
    expect(await log(page)).toEqual(whole(24))
  })

  it('is stopped from any tab, by keyboard too, and another one can be started', async () => {
    const visitor = await visit('/demo/progress')
    const { page } = visitor
    await start(visitor, 200)
    const first = page.url()
    const { page: second } = await visit(new URL(first).pathname + new URL(first).hash, { beside: visitor })
    await eventually(() => steps(second)).toBeGreaterThan(2)
    await page.focus('#run')
    await page.keyboard.press('Enter')
    for (const tab of [page, second]) {
      await told(tab, 'It was stopped: the server heard it, and the work ended there.')
      expect(await tab.locator('.state-text').textContent()).toBe('Stopped')
    }
    expect(await wire(page)).toContain('204 No Content')
    await start(visitor, 4)
    await told(page, 'Done: 4 steps')
    expect(page.url()).not.toBe(first)
  })

  it('follows its job through a network that breaks', async () => {
    const visitor = await visit('/demo/progress', { expected: networkErrors })
    const { page, context } = visitor
    await start(visitor, 24)
    await goOffline(context)
    await waitForState(page, 'offline')
    await goOnline(context)
    await told(page, 'Done: 24 steps')
    expect(await log(page)).toEqual(whole(24))
    expect((await wire(page)).some((line) => /^last-event-id: \d+-/.test(line))).toBe(true)
  })

  it('says that the job is lost when its server is', async () => {
    const visitor = await visit('/demo/progress', { expected: networkErrors })
    const { page } = visitor
    await start(visitor, 200)
    await kill()
    await waitForState(page, 'resuming')
    await restart()
    await told(page, 'It was lost with the server it ran on: nobody works on it any more.')
    expect(await page.locator('.state-text').textContent()).toBe('Lost')
  })

  it('says in words that there is no such job, that none was started, and asks again with the same key', async () => {
    const { page } = await visit('/demo/progress#job=nobody', { expected: /status of 404|net::ERR_|status of 422/ })
    await told(page, /^The server refused: Cannot find job/)
    await waitForState(page, 'failed')
    await page.route('**/progress', (route) => (route.request().method() === 'POST' ? route.abort() : route.continue()))
    const keys: (string | undefined)[] = []
    page.on('request', (request) => {
      if (request.method() === 'POST') keys.push(request.headers()['idempotency-key'])
    })
    await page.click('#run')
    await told(page, 'The server cannot be reached.')
    await page.unroute('**/progress')
    await page.fill('#steps', '2')
    await page.click('#run')
    await told(page, 'Done: 2 steps')
    expect(keys.length).toBe(2)
    expect(keys[0]).toBe(keys[1])
    expect(await story(page)).toBe('Done: 2 steps')
  })
})
