/** What `html` makes of a stranger's words, as a browser parses it: text everywhere, and no element more. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { html } from '../../src/html.ts'
import { startBrowser } from './browser.ts'

const RUN = 'document.documentElement.lang=1'

describe('html in a browser', () => {
  let browser: Browser
  let page: Page
  beforeAll(async () => {
    browser = await startBrowser()
    page = await browser.newPage()
  })
  afterAll(() => browser.close())

  it.each([
    `"><script>${RUN}</script>`,
    `'><img src=x onerror=${RUN}>`,
    `</title><script>${RUN}</script>`,
    `</textarea><img src=x onerror=${RUN}>`,
    `--><script>${RUN}</script>`,
    `\`<svg onload=${RUN}>`,
    `&quot;><script>${RUN}</script>`,
    `&#34; onfocus=${RUN} autofocus x=&#34;`,
    `&lt;/p&gt;&amp;`,
    `<![CDATA[<script>${RUN}</script>]]>`,
  ])('shows %j', async (words) => {
    const markup = html`<!doctype html><html lang="en"><title>${words}</title><!-- x > -->
<p title="${words}" dir='${words}' data-x = "a ${words}">${words}</p>
<textarea>${words}</textarea><a href="/${words}">a</a><svg><text x="${words}">${words}</text></svg><input value='${words}'>`
    await page.setContent(String(markup))
    const seen = await page.evaluate(() => ({
      elements: [...document.querySelectorAll('*')].map(({ localName }) => localName).join(' '),
      lang: document.documentElement.lang,
      title: document.title,
      attribute: document.querySelector('p')?.title,
      text: document.querySelector('p')?.textContent,
      area: document.querySelector('textarea')?.value,
      input: document.querySelector('input')?.value,
    }))
    expect(seen).toEqual({
      elements: 'html head title body p textarea a svg text input',
      lang: 'en',
      title: words,
      attribute: words,
      text: words,
      area: words,
      input: words,
    })
  })
})
