/** The database of a log: what is asked of it, and the tables in it. */
import type { SharedSync } from './log.ts'

export type SqlValue = string | number | null

/** What is asked of a database. */
export interface Sql {
  /** Rows of a query, in order; read to the end or dropped before the next call. */
  query<Row>(text: string, ...values: SqlValue[]): Iterable<Row>
  /** All or nothing: what `work` throws undoes what it did. `undo` is called when it is undone later, by a failing sync. */
  transaction(work: () => void, undo: () => void): void
  /** Where transactions are durable only after a sync. */
  readonly shared?: SharedSync | undefined
}

/**
 * A database holds one room or many: all of a room bears its name, `''` where there is one. `total` counts bytes up to
 * the end of a frame: what is retained is a difference, and nobody has to add it up. `head` is the one row a room keeps
 * when its events are gone; `run` is for work that outlives its readers. There is no index beside the primary keys, nor
 * a rowid beside them: each would cost a further row written for every event.
 */
export const SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS head (
    room TEXT PRIMARY KEY, version INTEGER NOT NULL,
    floor INTEGER NOT NULL, tag TEXT NOT NULL, closed INTEGER NOT NULL, emptied INTEGER
  ) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS frame (
    room TEXT NOT NULL, last INTEGER NOT NULL, first INTEGER NOT NULL, tag TEXT NOT NULL, at INTEGER NOT NULL,
    bytes INTEGER NOT NULL, total INTEGER NOT NULL, blocks TEXT NOT NULL, PRIMARY KEY (room, last)
  ) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS used_key (
    room TEXT NOT NULL, subject TEXT NOT NULL, key TEXT NOT NULL, hash TEXT NOT NULL, first INTEGER NOT NULL,
    last INTEGER NOT NULL, tag TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (room, subject, key)
  ) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS run (
    room TEXT NOT NULL, id TEXT NOT NULL, producer TEXT NOT NULL, subject TEXT NOT NULL, key TEXT, hash TEXT,
    state TEXT NOT NULL, when_empty TEXT NOT NULL, then_do TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (room, id)
  ) WITHOUT ROWID`,
]
export const TABLES: readonly string[] = ['head', 'frame', 'used_key', 'run']

/** The first of what are few rows: read to the end, so that the statement is free for its next use. */
export const first = <Row>(rows: Iterable<Row>): Row | undefined => {
  let found: Row | undefined
  for (const row of rows) found ??= row
  return found
}
