/** Options that are numbers, checked where they are given: what is none would be felt much later, and elsewhere. */
import { SseError } from './errors.ts'

/** The longest a timer can wait, in milliseconds: beyond it runtimes wait 1 ms instead. */
export const LONGEST: number = 2 ** 31 - 1

/** Throws `invalid-option` for the first that is not above 0, or above `most`. */
export function checkPositive(
  action: string,
  options: Record<string, number>,
  most: number = Number.POSITIVE_INFINITY,
): void {
  for (const field in options) {
    const value = options[field] as number
    if (!(value > 0 && value <= most))
      throw new SseError('invalid-option', `Cannot ${action}: \`${field}\` is not above 0 and within bounds`, { field })
  }
}

/** Throws `invalid-option` for the first that is no moment in milliseconds since 1970; `Infinity` is never. */
export function checkTime(action: string, options: Record<string, number>): void {
  for (const field in options) {
    if (typeof options[field] !== 'number' || Number.isNaN(options[field]))
      throw new SseError('invalid-option', `Cannot ${action}: \`${field}\` is not a number of milliseconds`, { field })
  }
}
