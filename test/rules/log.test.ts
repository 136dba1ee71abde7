/** A line of the log is made in one place, where it is made harmless. */
import { globSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

it('is written to by one file, and by what hands over an error as it was thrown', () => {
  const files = globSync('src/**/*.ts').map((file) => file.replaceAll('\\', '/'))
  expect(files.filter((file) => /console\.(error|warn)\b/.test(readFileSync(file, 'utf8'))).sort()).toEqual([
    'src/app.ts', // `log`, which gets lines.
    'src/log-line.ts',
    'src/problem.ts', // What nobody expected.
    'src/response-writer.ts', // The same, where there is no `onError`.
    'src/runtimes/serve.ts', // Why it does not start.
  ])
})
