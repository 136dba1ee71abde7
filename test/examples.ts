/** The TypeScript examples of the README and of docstrings, as files that can be checked and run. */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'

export interface Example {
  /** Where it stands: `README.md 1`. */
  name: string
  code: string
  /** The file it was written to. */
  file: string
}

/** Writes each example of the sources to a file of `folder`, which is emptied first. */
export function writeExamples(folder: string): Example[] {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const examples: Example[] = []
  for (const source of ['README.md', ...globSync('src/**/*.ts').sort()]) {
    const text = readFileSync(source, 'utf8')
    // In a docstring each line of the example begins with ` * `.
    const readable = source.endsWith('.ts') ? text.replaceAll(/^ \* ?/gm, '') : text
    for (const [index, [, code = '']] of [...readable.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].entries()) {
      const file = resolve(folder, `${basename(source).replaceAll('.', '-')}-${index + 1}.ts`)
      writeFileSync(file, `${code}export {}\n`)
      examples.push({ name: `${source} ${index + 1}`, code, file })
    }
  }
  return examples
}

export const needsCloudflare = ({ code }: Example): boolean => code.includes('edge-sse/cloudflare')
