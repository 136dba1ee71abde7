/**
 * Where a reader stands in a room's log, and how that is written as an event id: `<seq>-<tag>`, or `0` before
 * everything. The tag is drawn for each publish and kept with its rows, so that an id of another log, or of the same
 * log before it was lost or put back to an older copy, is never mistaken for one of this log; no clock takes part.
 */

export interface Cursor {
  /** Counts 1, 2, 3 … without holes. 0 is the place before everything. */
  readonly seq: number
  /** Six characters of `[0-9a-z]`; `-` for seq 0. */
  readonly tag: string
}

/** Before everything: where a log begins that has lost nothing. */
export const ORIGIN: Cursor = { seq: 0, tag: '-' }

/** The cursor as an event id. */
export const formatCursor = ({ seq, tag }: Cursor): string => (seq === 0 ? '0' : `${seq}-${tag}`)

/** An event id as a cursor, `undefined` when it is not one of ours to the letter. */
export function parseCursor(id: string): Cursor | undefined {
  if (id === '0') return ORIGIN
  const [, digits, tag] = /^([1-9][0-9]{0,15})-([0-9a-z]{6})$/.exec(id) ?? []
  const seq = Number(digits)
  return tag !== undefined && Number.isSafeInteger(seq) ? { seq, tag } : undefined
}

/** Numbers for many tags, drawn at once: each draw costs as much as the rest of a small publish. */
const drawn = new Uint32Array(512)
let used = drawn.length

/** A fresh tag: one of 36⁶ by a uniform draw. */
export function drawTag(): string {
  if (used === drawn.length) {
    crypto.getRandomValues(drawn)
    used = 0
  }
  const high = drawn[used++] as number
  const low = drawn[used++] as number
  return ((high * 2 ** 20 + (low >>> 12)) % 36 ** 6).toString(36).padStart(6, '0')
}
