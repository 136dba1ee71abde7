/**
 * `npm run test:slow`: what takes minutes, kills processes or measures the machine, one file at a time. What is missing
 * here is reported as `not run: <test>: <why>`; with `--strict` that fails. Words that follow choose files by name.
 */
import process from 'node:process'
import { parseArgs } from 'node:util'
import type { Reporter, TestModule } from 'vitest/node'
import { startVitest } from 'vitest/node'

const { values, positionals } = parseArgs({ options: { strict: { type: 'boolean' } }, allowPositionals: true })

/** The last lines of a run: what was not run and why, then the counts. */
const counts: Reporter = {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: errors.length, skipped: 0 }
    console.log()
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const result = test.result()
        if (result.state !== 'pending') count[result.state]++
        if (result.state === 'skipped') console.log(`not run: ${test.fullName}: ${result.note ?? 'not chosen'}`)
      }
      // A file or a hook that broke has run no test of its own.
      count.failed += [module, ...module.children.allSuites()].filter((suite) => suite.errors().length > 0).length
    }
    console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} not run`)
    if (count.failed > 0 || (values.strict && count.skipped > 0)) process.exitCode = 1
  },
}

const vitest = await startVitest(positionals, {
  config: false,
  watch: false,
  include: ['test/slow/**/*.test.ts'],
  // Each has the machine to itself, and says how far it is.
  fileParallelism: false,
  disableConsoleIntercept: true,
  reporters: ['verbose', counts],
  testTimeout: 900_000,
  hookTimeout: 60_000,
})
await vitest.close()
