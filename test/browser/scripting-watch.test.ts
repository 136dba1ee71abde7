/** What does not see a careless page would see nothing on ours. */
import { describe, expect, it } from 'vitest'
import { carelessSource, putCarelessPage } from './careless-page.ts'
import { payloads } from './scripting-payloads.ts'
import { openWatched } from './scripting-visit.ts'
import { strays } from './scripting-watch.ts'
import { visitors } from './visitors.ts'

const all = visitors()

describe('the watch', () => {
  it.each([
    ['under the rules of our pages', true, ['violation', 'attribute', 'changed', 'script']],
    ['under no rules', false, ['dialog', 'request', 'attribute', 'changed', 'script']],
  ])('sees each of 40 kinds of words obeyed or changed %s', async (_, hasPolicy, ways) => {
    expect(new Set(payloads).size).toBe(40)
    const { page, trouble } = await openWatched(all, '/healthz')
    await putCarelessPage(page, hasPolicy)
    const seen = new Set<string>()
    const missed: string[] = []
    for (const words of ['hello', ...payloads]) {
      await page.goto(`${all.url()}/careless?${new URLSearchParams({ words })}`, { waitUntil: 'domcontentloaded' })
      // Images that fail and drawings that begin have spoken by then.
      await page.waitForLoadState('load')
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))).catch(() => {})
      // A page that is led elsewhere can be gone by now.
      const found = await strays(page, { source: carelessSource, may: [] }).catch(() => [])
      const shown = await page.evaluate(() => document.querySelector('section')?.textContent).catch(() => words)
      const noticed = [...found, ...trouble.splice(0).filter((line) => !/^(page )?error|^warning/.test(line))]
      if (shown !== words) noticed.push('changed')
      if (noticed.length === 0) missed.push(words)
      for (const line of noticed) seen.add(line.split(/[ :]/, 1)[0] ?? '')
    }
    expect(missed).toEqual(['hello'])
    expect(ways.filter((way) => !seen.has(way))).toEqual([])
    await page.goto('about:blank')
    trouble.splice(0)
  })
})
