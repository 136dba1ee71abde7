/** `20s`, `500ms`, `2m` as milliseconds. */
import { UsageMistake } from '../command.ts'
import { printable } from '../printable.ts'

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000 }
const LONGEST = 3_600_000

export function duration(option: string, text: string): number {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text) ?? []
  const milliseconds = Number(amount) * (UNITS[unit] ?? 0)
  if (milliseconds > 0 && milliseconds <= LONGEST) return milliseconds
  throw new UsageMistake(
    `Cannot check: --${option} is ${printable(text, { atMost: 40 })}, and should be a time up to an hour like 20s, 500ms or 2m`,
  )
}
