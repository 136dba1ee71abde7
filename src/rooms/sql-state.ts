/** What a log in SQLite knows of its tables without asking them. */
import { type Cursor, ORIGIN } from './cursor.ts'
import type { Span } from './log.ts'
import { first, type Sql } from './sql.ts'

interface FrameRow extends Span {
  total: number
}

interface Head {
  floor: number
  tag: string
  closed: number
  emptied: number | null
}

export interface State {
  exists: boolean
  head: Cursor
  floor: Cursor
  closed: boolean
  emptied: number | undefined
  /** Bytes of all frames since the log was last empty, and of those that went since. */
  total: number
  gone: number
}

export const ABSENT: State = {
  exists: false,
  head: ORIGIN,
  floor: ORIGIN,
  closed: false,
  emptied: undefined,
  total: 0,
  gone: 0,
}

/** Reads it from the tables, of which there may be none. */
export function loadState(sql: Sql, room: string): State {
  const made = first(sql.query(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'head'`))
  const text = 'SELECT floor, tag, closed, emptied FROM head WHERE room = ?'
  const row = made ? first(sql.query<Head>(text, room)) : undefined
  if (!row) return ABSENT
  const frame = (columns: string, order: string): FrameRow | undefined =>
    first(sql.query<FrameRow>(`SELECT ${columns} FROM frame WHERE room = ? ORDER BY last ${order} LIMIT 1`, room))
  const newest = frame('last, tag, total', 'DESC')
  const oldest = frame('bytes, total', 'ASC')
  const floor = { seq: row.floor, tag: row.tag }
  return {
    exists: true,
    head: newest ? { seq: newest.last, tag: newest.tag } : floor,
    floor,
    closed: row.closed === 1,
    emptied: row.emptied ?? undefined,
    total: newest?.total ?? 0,
    gone: oldest ? oldest.total - oldest.bytes : 0,
  }
}
