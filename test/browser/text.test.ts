import { describe, expect, it } from 'vitest'
import { abortedRequests, told, wire, wireOf } from './stream-visit.ts'
import { eventually, networkErrors, visitors, waitForState } from './visitors.ts'

const { visit, kill, restart } = visitors()

describe('Text', () => {
  it('shows the text while it is written, and each of its pieces', async () => {
    const { page } = await visit('/demo/text')
    const written = page.locator('#written')
    await eventually(() => written.textContent()).toMatch(/^Ada, this text is/)
    expect(await page.locator('#state').getAttribute('data-state')).toBe('live')
    await told(page, /^Complete: 128 bytes in \d\d pieces/)
    expect(await written.textContent()).toMatch(/^Ada, this .* so does its writer\.\n$/)

    expect((await wire(page)).slice(0, 2)).toEqual(['GET /text?name=Ada', '200 OK'])
    expect(await wireOf(page, 'header')).toContain('content-type: text/plain; charset=utf-8')
    const pieces = (await wireOf(page, 'piece')).map((line) => line.match(/^\+\d+\.\d\d s (\d+) B (".*")$/))
    expect(pieces.length).toBeGreaterThan(10)
    const texts = pieces.map((piece) => JSON.parse(piece?.[2] ?? '""'))
    expect(texts.join('')).toBe(await written.textContent())
    expect(pieces.map((piece) => Number(piece?.[1]))).toEqual(texts.map((text) => text.length))
  })

  it('stops when it is told to, by keyboard too, and starts again under another name', async () => {
    const { page } = await visit('/demo/text')
    const aborted = abortedRequests(page)
    const button = page.getByRole('button', { name: 'Stop' })
    await eventually(() => page.locator('#written').textContent()).toContain('this')
    await button.focus()
    await page.keyboard.press('Space')
    await waitForState(page, 'cut')
    await told(page, /^Stopped\./)
    await eventually(() => aborted).toEqual(['/text'])
    expect((await wire(page)).at(-1)).toBe('stopped here')
    expect(await page.locator('#run:focus').textContent()).toBe('Start again')

    await page.fill('#name', 'Grace & Ada')
    await page.keyboard.press('Enter')
    await eventually(() => page.locator('#written').textContent()).toContain('Grace & Ada, this')
    // Enter while it runs starts it anew, and nothing of the old one is left.
    await page.fill('#name', '')
    await page.keyboard.press('Enter')
    await eventually(() => page.locator('#written').textContent()).toMatch(/^Reader, this/)
    expect((await wire(page)).filter((line) => /^GET|here$/.test(line))).toEqual(['GET /text'])
    await eventually(() => aborted).toEqual(['/text', '/text'])
  })

  it('says in words that the connection broke, and that the server cannot be reached', async () => {
    const { page } = await visit('/demo/text', { expected: networkErrors })
    await eventually(() => page.locator('#written').textContent()).toContain('this')
    await kill()
    await told(page, 'The connection broke before the end: what is here is only a part.')
    await waitForState(page, 'failed')
    await page.click('#run')
    await told(page, 'The server cannot be reached.')
    await restart()
    await page.click('#run')
    await told(page, /^Complete/)
  })

  it('says in words why it was refused', async () => {
    const { page } = await visit('/demo/text', { expected: /status of 429/ })
    await page.route('**/text?*', (route) =>
      route.fulfill({ status: 429, contentType: 'application/problem+json', body: '{"detail":"too many readers"}' }),
    )
    await page.click('#run')
    await page.click('#run')
    await told(page, 'The server refused: too many readers.')
    expect(await wire(page)).toContain('429 Too Many Requests')
  })
})
