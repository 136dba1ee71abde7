/** What the README says about runtimes is what the suite asserts on them. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { withTable } from '../../scripts/runtimes-table.ts'

it('the table of runtimes in the README is that of the flags: `npm run format` writes it', () => {
  const readme = readFileSync('README.md', 'utf8')
  expect(readme).toBe(withTable(readme))
})
