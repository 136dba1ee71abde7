/** Times as a person writes them: 500ms, 30s, 15m, 1h, 7d. */
import { UsageMistake } from './command.ts'
import { printable } from './printable.ts'

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds. Throws a `UsageMistake` that names the option. */
export function duration(option: string, text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,9})(ms|[smhd])$/.exec(text) ?? []
  const size = UNITS[unit]
  if (size === undefined)
    throw new UsageMistake(
      `Cannot run: --${option} ${printable(text, { atMost: 80 })} is no time like 500ms, 30s, 15m or 1h`,
    )
  return Number(count) * size
}

/** `0.4 s`, `12 s`, `3 min 5 s`. */
export function spoken(milliseconds: number): string {
  const seconds = milliseconds / 1000
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`
  if (seconds < 120) return `${Math.round(seconds)} s`
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}
