/** docs/coming-from-go.md as a whole: each of its blocks has a test, and each of its links a place to go to. */
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import { brokenLinks } from '../links.ts'
import { Page } from '../page.ts'

const source = 'docs/coming-from-go.md'
const page = new Page(source, 'page')
const tests = globSync('test/docs/coming-from-go/*.test.ts')
  .filter((file) => basename(file) !== 'page.test.ts')
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n')

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
    expect(brokenLinks(source)).toEqual([])
  })
})
