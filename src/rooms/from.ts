/** Where a reader without a cursor starts, as code gives it and as a URL does. */
import { SseError } from '../errors.ts'
import type { From } from './room.ts'

/** Throws `invalid-option` for what is neither `live`, `start` nor a number of events. */
export function checkFrom(from: From): From {
  if (from === 'live' || from === 'start' || (Number.isSafeInteger(from) && from >= 0)) return from
  throw new SseError('invalid-option', 'Cannot read: `from` is not live, start or a whole number', { field: 'from' })
}

/** The value of `?from=`. Throws `invalid-parameter`. */
export function parseFrom(text: string | null): From {
  if (text === null || text === 'live') return 'live'
  if (text === 'start') return 'start'
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new SseError('invalid-parameter', 'Cannot subscribe: `from` is not live, start or a number', { field: 'from' })
}
