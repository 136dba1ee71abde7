/** Holds a history to the rules, and keeps the one that breaks them as a file. Node only: `assertSound` runs anywhere. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { check, describeViolations, type History } from './checker.ts'

const FOLDER = 'test/output/histories'

/** Throws with what is wrong and where the JSON lines are. `name` begins the file's name. */
export function expectSound(history: History, name: string): void {
  const violations = check(history.entries)
  if (violations.length === 0) return
  mkdirSync(FOLDER, { recursive: true })
  const file = `${FOLDER}/${name.replaceAll(/[^0-9A-Za-z]+/g, '-')}-${Date.now()}.jsonl`
  writeFileSync(file, history.toJSONL())
  throw new Error(`The history in ${file} is not sound\n${describeViolations(violations)}`)
}
