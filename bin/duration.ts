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

/** `0.4 s`, `12 s`, `3 min 5 s`; what is some time is no `0 s`. */
export function spoken(milliseconds: number): string {
  const seconds = milliseconds / 1000
  if (seconds < 10) return `${milliseconds > 0 ? Math.max(0.1, Number(seconds.toFixed(1))) : 0} s`
  const whole = Math.round(seconds)
  return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}
