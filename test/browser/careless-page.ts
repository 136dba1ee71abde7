/** A page that makes every mistake with a stranger's words: what does not see those sees nothing. */
import type { Page } from 'playwright-core'
import { PAGE_POLICY } from '../../src/page-headers.ts'

/** Takes words for a key, an encoding, a template and markup, and shows what is left. */
const script = `
const words = new URLSearchParams(location.search).get('words').replace(/%[0-9A-F]{2}/g, decodeURIComponent)
const known = { bye: 'Goodbye' }
const read = String(known[words] ?? words)
  .normalize('NFKC')
  .replace(/\\{\\{(.*?)\\}\\}|\\$\\{(.*?)\\}|<%=(.*?)%>/g, (_, ...code) => Function('return ' + code.find((one) => typeof one === 'string'))())
const main = document.querySelector('main')
const lines = read.split('\\n\\n')
main.append(document.createRange().createContextualFragment(
  '<section>' + lines.map((line) => '<p>' + line + '</p>').join('') + '</section>' +
  '<i data-id="' + read + '">.</i>' + "<i data-id='" + read + "'>.</i>" + '<i data-id=' + read + '>.</i>' +
  '<textarea>' + read + '</textarea>' + (URL.canParse(read) ? '<a href="' + read + '">.</a>' : '')))
const link = main.querySelector('a')
if (link?.protocol === 'javascript:') link.click()
`

export const carelessSource =
  '<!doctype html><title>.</title><main><section><p>.</p></section><i>.</i><i>.</i><i>.</i><textarea>.</textarea></main><script src="/careless.js"></script>'

/** Puts it at `/careless?words=`, under the rules of our pages or under none. */
export async function putCarelessPage(page: Page, hasPolicy: boolean): Promise<void> {
  const headers: Record<string, string> = hasPolicy ? { 'content-security-policy': PAGE_POLICY } : {}
  await page.route('**/careless?*', (route) =>
    route.fulfill({
      headers,
      contentType: 'text/html; charset=utf-8',
      body: '<!doctype html><title>.</title><main></main><script src="/careless.js"></script>',
    }),
  )
  await page.route('**/careless.js', (route) => route.fulfill({ contentType: 'text/javascript', body: script }))
}
