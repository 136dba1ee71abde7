/** The recipes of docs as pages: what they export is run by a test, what they draw is what they export, and links lead somewhere. */
import { readFileSync } from 'node:fs'
import { transformSync } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { brokenLinks } from './links.ts'
import { Page } from './page.ts'

describe.each(['openai', 'ai-sdk'])('docs/%s.md', (name) => {
  const source = `docs/${name}.md`
  const page = new Page(source, `recipes-${name}`)
  const tests = readFileSync(`test/e2e/${name}.test.ts`, 'utf8')
  const exported = page.examples.flatMap(({ code }) =>
    [...code.matchAll(/^export (?:async )?(?:function\*?|const) (\w+)/gm)].map(([, each]) => each),
  )

  it('has nothing in its blocks that no test runs', () => {
    expect(exported.length).toBeGreaterThanOrEqual(page.examples.length)
    for (const each of exported) expect(tests).toMatch(new RegExp(`recipes\\.${each}\\b|\\b${each}\\b.*= recipes\\.`))
  })

  it('draws with what it has exported', () => {
    for (const [, code = ''] of readFileSync(source, 'utf8').matchAll(/^```tsx\n([\s\S]*?)^```$/gm)) {
      expect(transformSync(code, { loader: 'tsx' }).warnings).toEqual([])
      const [, names = ''] = /^import \{ (.*) \} from '\.\/chat'$/m.exec(code) ?? []
      for (const each of names.split(', ').filter((each) => each !== '')) expect(exported).toContain(each)
    }
  })

  it('links to what is there', () => {
    expect(brokenLinks(source)).toEqual([])
  })
})
