/** How much a room keeps, and where its floor moves when that is too much: always to the end of a frame. */
import { checkPositive } from '../options.ts'
import type { Cursor } from './cursor.ts'
import type { Log } from './log.ts'

/** Whichever limit is reached first lets the oldest events go; they go in bulk, when 10 % more have come. */
export interface Retention {
  /**
   * Events that are kept at least, where the other limits allow. Defaults to 1,000; in a room whose name begins with `~`,
   * which ends with the work that it holds, to any number.
   */
  events?: number | undefined
  /** Bytes of encoded events. Defaults to 8 MiB. */
  bytes?: number | undefined
  /** Milliseconds. Defaults to 24 hours. The clock decides only when events go, never which ids are good. */
  age?: number | undefined
}

/** The same, filled in. */
export type Limits = Record<keyof Retention, number>

const DEFAULTS: Limits = { events: 1_000, bytes: 8_388_608, age: 86_400_000 }
/** Letting go in bulk costs a scan and a write once in a tenth of what is kept, instead of once an event. */
const SLACK = 1.1
/** Milliseconds that an empty room is remembered: until then its readers' ids are good. */
export const REMEMBERED = 86_400_000

/** Fills in the defaults. Throws `invalid-option`. */
export function checkRetention(given: Retention): Limits {
  const { events = DEFAULTS.events, bytes = DEFAULTS.bytes, age = DEFAULTS.age } = given
  checkPositive('make room', { 'retention.events': events, 'retention.bytes': bytes, 'retention.age': age })
  return { events, bytes, age }
}

/** The same for the room of that name. */
export const retentionIn = (room: string, given: Retention): Retention =>
  room.startsWith('~') ? { ...given, events: given.events ?? Number.POSITIVE_INFINITY } : given

/** The floor that a log needs once it has grown to `head` and `bytes`; it never passes `sent`. */
export function floorBySize(
  log: Log,
  retention: Limits,
  { head, bytes }: { head: number; bytes: number },
  sent: number,
): Cursor | undefined {
  if (head - log.floor.seq <= retention.events * SLACK && bytes <= retention.bytes * SLACK) return undefined
  let left = bytes
  let floor: Cursor | undefined
  for (const { last, tag, bytes } of log.spans()) {
    if (last > sent || (head - last < retention.events && left <= retention.bytes)) break
    left -= bytes
    floor = { seq: last, tag }
  }
  return floor
}

/** The floor below which everything is too old: what came before something old is old, whatever a clock once said. */
export function floorByAge(log: Log, { age }: Limits, sent: number, now: number): Cursor | undefined {
  if (age === Number.POSITIVE_INFINITY) return undefined
  let floor: Cursor | undefined
  for (const { last, tag, at } of log.spans()) {
    if (last > sent) break
    if (at <= now - age) floor = { seq: last, tag }
  }
  return floor
}

/** Milliseconds until age lets something go, or, where nothing is left, until the room itself can go. */
export function nextLook(log: Log, { age }: Limits, now: number): number {
  const [oldest] = log.spans()
  const [since, lasts] = oldest ? [oldest.at, age * SLACK] : [log.emptied ?? now, REMEMBERED]
  return Math.max(0, Math.min(since, now) + lasts - now)
}
