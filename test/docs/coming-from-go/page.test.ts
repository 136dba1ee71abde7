/** docs/coming-from-go.md as a whole: each of its blocks has a test, and each of its links a place to go to. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Page } from '../page.ts'

const source = 'docs/coming-from-go.md'
const page = new Page(source, 'page')
const tests = globSync('test/docs/coming-from-go/*.test.ts')
  .filter((file) => basename(file) !== 'page.test.ts')
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n')

/** As GitHub makes them: https://github.com/Flet/github-slugger */
const anchorsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- ]/gu, '')
      .replaceAll(' ', '-'),
  )

describe(source, () => {
  it.each(page.examples)('has a test that runs what stands under "$heading"', ({ heading }) => {
    expect(tests).toContain(`'${heading}'`)
  })

  it('has Go, TypeScript and what differs under each heading, in this order', () => {
    const [, ...sections] = readFileSync(source, 'utf8').split(/^## /m)
    expect(sections).toHaveLength(page.examples.length)
    for (const section of sections)
      expect(section).toMatch(/^.+\n\n```go\n[^`]*(?:`[^`]+`[^`]*)*?```\n\n```ts\n[\s\S]*?^```\n\n[\s\S]*- /m)
  })

  it('links to what is there', () => {
    for (const [, path = '', anchor] of readFileSync(source, 'utf8').matchAll(/\]\(([^)#]*)(?:#([^)]*))?\)/g)) {
      const file = path === '' ? source : `docs/${path}`
      expect(existsSync(file), file).toBe(true)
      if (anchor !== undefined) expect(anchorsOf(file)).toContain(anchor)
    }
  })
})
