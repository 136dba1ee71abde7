/** The log in SQLite, written once for every place that has it: an object's storage, or a file. */
import { type Cursor, ORIGIN } from './cursor.ts'
import type { Frame } from './frame.ts'
import { type Commit, KEY_AGE, KEY_COUNT, type Log, type Span, type UsedKey } from './log.ts'

export type SqlValue = string | number | null

/** What is asked of a database. */
export interface Sql {
  /** Rows of a query, in order; read to the end or dropped before the next call. */
  query<Row>(text: string, ...values: SqlValue[]): Iterable<Row>
  /** All or nothing: what `work` throws undoes what it did. */
  transaction(work: () => void): void
}

/**
 * `total` counts bytes up to the end of a frame: what is retained is a difference, and nobody has to add it up.
 * `head` is the one row a room keeps when its events are gone; `run` is for work that outlives its readers. There is no
 * index beside the primary keys: each would cost a further row written for every event.
 */
const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS head (
    id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL,
    floor INTEGER NOT NULL, tag TEXT NOT NULL, closed INTEGER NOT NULL, emptied INTEGER
  )`,
  `CREATE TABLE IF NOT EXISTS frame (
    last INTEGER PRIMARY KEY, first INTEGER NOT NULL, tag TEXT NOT NULL,
    at INTEGER NOT NULL, bytes INTEGER NOT NULL, total INTEGER NOT NULL, blocks TEXT NOT NULL
  )`,
  `CREATE TABLE IF NOT EXISTS used_key (
    subject TEXT NOT NULL, key TEXT NOT NULL, hash TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    tag TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (subject, key)
  ) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS run (
    id TEXT PRIMARY KEY, producer TEXT NOT NULL, subject TEXT NOT NULL, key TEXT, hash TEXT, state TEXT NOT NULL,
    when_empty TEXT NOT NULL, then_do TEXT NOT NULL, at INTEGER NOT NULL
  ) WITHOUT ROWID`,
  `INSERT INTO head VALUES (1, 1, 0, '-', 0, NULL)`,
]
const TABLES = ['head', 'frame', 'used_key', 'run']

/** Keys are swept once in so many events, with keys or without, whoever wakes and sleeps between them. */
const SWEEP = KEY_COUNT / 10

interface FrameRow extends Span {
  total: number
}

interface Head {
  floor: number
  tag: string
  closed: number
  emptied: number | null
}

export class SqlLog implements Log {
  exists = false
  head: Cursor = ORIGIN
  floor: Cursor = ORIGIN
  closed = false
  emptied: number | undefined
  /** Bytes of all frames since the log was last empty, and of those that went since. */
  #total = 0
  #gone = 0
  readonly #sql: Sql

  constructor(sql: Sql) {
    this.#sql = sql
    this.#load()
  }

  #load(): void {
    const sql = this.#sql
    const made = first(sql.query(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'head'`)) !== undefined
    const row = made ? first(sql.query<Head>('SELECT floor, tag, closed, emptied FROM head')) : undefined
    const frame = <Row>(text: string): Row | undefined => (row ? first(sql.query<Row>(text)) : undefined)
    this.#set(
      row,
      frame<FrameRow>('SELECT last, tag, total FROM frame ORDER BY last DESC LIMIT 1'),
      frame<FrameRow>('SELECT bytes, total FROM frame ORDER BY last LIMIT 1'),
    )
  }

  #set(row: Head | undefined, newest: FrameRow | undefined, oldest: FrameRow | undefined): void {
    this.exists = row !== undefined
    this.floor = row ? { seq: row.floor, tag: row.tag } : ORIGIN
    this.closed = row?.closed === 1
    this.emptied = row?.emptied ?? undefined
    this.head = newest ? { seq: newest.last, tag: newest.tag } : this.floor
    this.#total = newest?.total ?? 0
    this.#gone = oldest ? oldest.total - oldest.bytes : 0
  }

  get bytes(): number {
    return this.#total - this.#gone
  }

  commit({ frames = [], key, floor, emptied, closed }: Commit): void {
    const sql = this.#sql
    const run = (text: string, ...values: SqlValue[]): void => void first(sql.query(text, ...values))
    const newest = frames.at(-1)
    let [total, gone] = [this.#total, this.#gone]
    sql.transaction(() => {
      if (!this.exists) for (const statement of SCHEMA) run(statement)
      for (const { last, first, tag, at, bytes, blocks } of frames) {
        total += bytes
        run('INSERT INTO frame VALUES (?, ?, ?, ?, ?, ?, ?)', last, first, tag, at, bytes, total, blocks)
      }
      if (frames.length > 0 && this.emptied !== undefined) run('UPDATE head SET emptied = NULL')
      if (key) {
        const { subject, key: name, hash, first, last, tag, at } = key
        run('INSERT OR REPLACE INTO used_key VALUES (?, ?, ?, ?, ?, ?, ?)', subject, name, hash, first, last, tag, at)
      }
      if (emptied !== undefined) this.#sweepKeys(emptied, run)
      else if (newest && Math.floor(newest.last / SWEEP) > Math.floor(this.head.seq / SWEEP))
        this.#sweepKeys(newest.at, run)
      if (floor) {
        const letGo = sql.query<{ bytes: number }>('DELETE FROM frame WHERE last <= ? RETURNING bytes', floor.seq)
        for (const { bytes } of letGo) gone += bytes
        run('UPDATE head SET floor = ?, tag = ?, emptied = ?', floor.seq, floor.tag, emptied ?? null)
      }
      if (closed) run('UPDATE head SET closed = 1')
    })
    // Only now: what threw has changed nothing, here as little as in the tables.
    this.exists = true
    if (newest) this.head = { seq: newest.last, tag: newest.tag }
    if (newest || floor) this.emptied = emptied
    this.#total = total
    this.#gone = gone
    if (floor) this.floor = floor
    if (closed) this.closed = true
  }

  drop(): void {
    if (!this.exists) return
    this.#sql.transaction(() => {
      // Rows, not tables: a table cannot go while a query that nobody read to its end still stands in it.
      for (const table of TABLES) first(this.#sql.query(`DELETE FROM ${table}`))
    })
    // Not read again: where that failed, the next commit would find a room that has no row.
    this.#set(undefined, undefined, undefined)
  }

  tagAt(seq: number): string | undefined {
    const frame = this.#first<Frame>('SELECT first, tag FROM frame WHERE last >= ? ORDER BY last LIMIT 1', seq)
    return frame && frame.first <= seq ? frame.tag : undefined
  }

  spans(): Iterable<Span> {
    return this.exists ? this.#sql.query<Span>('SELECT last, first, tag, at, bytes FROM frame ORDER BY last') : []
  }

  framesAfter(seq: number): Iterable<Frame> {
    return this.exists
      ? this.#sql.query<Frame>(
          'SELECT last, first, tag, at, bytes, blocks FROM frame WHERE last > ? ORDER BY last',
          seq,
        )
      : []
  }

  findKey(subject: string, key: string): UsedKey | undefined {
    return this.#first<UsedKey>('SELECT * FROM used_key WHERE subject = ? AND key = ?', subject, key)
  }

  #first<Row>(text: string, ...values: SqlValue[]): Row | undefined {
    return this.exists ? first(this.#sql.query<Row>(text, ...values)) : undefined
  }

  /** An index that spared reading them all would cost a row for each. */
  #sweepKeys(now: number, run: (text: string, ...values: SqlValue[]) => void): void {
    run('DELETE FROM used_key WHERE at < ?', now - KEY_AGE)
    run('DELETE FROM used_key WHERE last <= (SELECT last FROM used_key ORDER BY last DESC LIMIT 1 OFFSET ?)', KEY_COUNT)
  }
}

/** The first of what are few rows: read to the end, so that the statement is free for its next use. */
const first = <Row>(rows: Iterable<Row>): Row | undefined => {
  let found: Row | undefined
  for (const row of rows) found ??= row
  return found
}
