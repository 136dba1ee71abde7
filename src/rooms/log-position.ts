/** Where a reader's position lies in a log: whether it is one of its own, where it begins, and what is missing before. */
import { isCursor, type Position } from './bridge.ts'
import { type Cursor, formatCursor } from './cursor.ts'
import type { Log } from './log.ts'
import type { Gap, RoomInfo } from './room.ts'

/** True when the log holds that seq with that tag, or it is the floor: an id of another log has another tag. */
export function holds(log: Log, { seq, tag }: Cursor): boolean {
  const { floor } = log
  return seq === floor.seq ? tag === floor.tag : seq > floor.seq && log.tagAt(seq) === tag
}

/** Ids of the oldest event retained and of the newest ever. */
export function rangeOf(log: Log): { oldest: string | null; newest: string | null } {
  const { head, floor } = log
  const seq = floor.seq + 1
  const tag = log.tagAt(seq)
  return { oldest: tag ? formatCursor({ seq, tag }) : null, newest: head.seq > 0 ? formatCursor(head) : null }
}

/** What there is of a room that exists. */
export function infoOf(log: Log, subscribers: number): RoomInfo {
  const { head, floor, closed } = log
  const runs = Array.from(log.runs(), ({ id, producer, state, whenEmpty }) => ({ run: id, producer, state, whenEmpty }))
  return {
    ...rangeOf(log),
    count: head.seq - floor.seq,
    subscribers,
    state: closed ? 'closed' : 'open',
    ...(runs.length > 0 && { runs }),
  }
}

/** The gap before a position that is not of this log, or no position at all. `first`: the reader brought it along. */
export function gapAt(log: Log, position: Position, first: boolean): Gap | undefined {
  if (isCursor(position) ? holds(log, position) : position !== 'malformed') return undefined
  const { floor } = log
  const known = isCursor(position)
  const reason = !known ? 'malformed' : position.seq >= floor.seq ? 'unknown' : first ? 'expired' : 'slow'
  const asked = known ? formatCursor(position) : null
  return { id: formatCursor(floor), event: 'stream.gap', gap: { reason, asked, ...rangeOf(log) } }
}

/** The cursor after which a position without a gap reads; `sent` is where live is. */
export function cursorAt(log: Log, position: Position, sent: Cursor): Cursor {
  if (isCursor(position)) return position
  if (position === 'live') return sent
  const seq = typeof position === 'number' ? sent.seq - position : 0
  const tag = seq > log.floor.seq ? log.tagAt(seq) : undefined
  return tag === undefined ? log.floor : { seq, tag }
}
