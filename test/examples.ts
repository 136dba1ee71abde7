/** The TypeScript examples of the README, of `docs` and of docstrings, as files that can be checked and run. */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'

export interface Example {
  /** Where it stands: `README.md 1`. */
  name: string
  /** On a page, the heading it stands under, without backticks; `''` above the first. */
  heading: string
  code: string
  /** The file it was written to. */
  file: string
}

const SOURCES = ['README.md', ...globSync('docs/*.md').sort(), ...globSync('src/**/*.ts').sort()]

/** Writes each example of the sources to a file of `folder`, which is emptied first. */
export function writeExamples(folder: string, sources: readonly string[] = SOURCES): Example[] {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const examples: Example[] = []
  for (const source of sources) {
    const text = readFileSync(source, 'utf8')
    // In a docstring each line of the example begins with ` * `.
    const readable = source.endsWith('.ts') ? text.replaceAll(/^ \* ?/gm, '') : text
    for (const [at, match] of [...readable.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].entries()) {
      const [, code = ''] = match
      const file = resolve(folder, `${basename(source).replaceAll('.', '-')}-${at + 1}.ts`)
      writeFileSync(file, `${code}export {}\n`)
      const heading = source.endsWith('.md') ? headingOf(readable.slice(0, match.index)) : ''
      examples.push({ name: `${source} ${at + 1}`, heading, code, file })
    }
  }
  return examples
}

const headingOf = (before: string): string =>
  [...before.matchAll(/^##+ (.*)$/gm)].at(-1)?.[1]?.replaceAll('`', '') ?? ''

export const needsCloudflare = ({ code }: Example): boolean => code.includes('edge-sse/cloudflare')

/** Those that run in a page, beside a framework that knows nothing of edge-sse. */
export const isForPages = ({ name }: Example): boolean => name.startsWith('docs/ai-sdk.md ')
