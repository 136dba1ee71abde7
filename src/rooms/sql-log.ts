/** The log in SQLite, written once for every place that has it: an object's storage, or a file. */
import type { Cursor } from './cursor.ts'
import type { Frame } from './frame.ts'
import {
  type Commit,
  KEY_AGE,
  KEY_COUNT,
  type Log,
  RUN_COUNT,
  type SharedSync,
  type Span,
  type UsedKey,
} from './log.ts'
import type { Run } from './run.ts'
import { first, SCHEMA, type Sql, type SqlValue, TABLES } from './sql.ts'
import { ABSENT, loadState, type State } from './sql-state.ts'

/** A frame, its text as SQLite has it. */
type StoredFrame = Omit<Frame, 'blocks'> & { blocks: Uint8Array | ArrayBuffer }

const decoder = new TextDecoder()
/** Keys are swept once in so many events, with keys or without, whoever wakes and sleeps between them. */
const SWEEP = KEY_COUNT / 10

export class SqlLog implements Log {
  readonly shared: SharedSync | undefined
  readonly #sql: Sql
  readonly #room: string
  #state: State

  /** The log of a room in a database that has many. */
  constructor(sql: Sql, room: string = '') {
    this.#sql = sql
    this.#room = room
    this.shared = sql.shared
    this.#state = loadState(sql, room)
  }

  get exists(): boolean {
    return this.#state.exists
  }

  get head(): Cursor {
    return this.#state.head
  }

  get floor(): Cursor {
    return this.#state.floor
  }

  get closed(): boolean {
    return this.#state.closed
  }

  get emptied(): number | undefined {
    return this.#state.emptied
  }

  get bytes(): number {
    return this.#state.total - this.#state.gone
  }

  commit({ frames = [], key, floor, emptied, closed, run }: Commit): void {
    const before = this.#state
    const after = { ...before, exists: true, closed: closed ?? before.closed }
    const newest = frames.at(-1)
    this.#change(after, () => {
      if (!before.exists) this.#create()
      for (const { last, first, tag, at, bytes, blocks } of frames) {
        after.total += bytes
        this.#run('INSERT INTO frame VALUES (?, ?, ?, ?, ?, ?, ?, ?)', last, first, tag, at, bytes, after.total, blocks)
      }
      if (newest) after.head = { seq: newest.last, tag: newest.tag }
      if (newest && before.emptied !== undefined) this.#run('UPDATE head SET emptied = NULL WHERE room = ?')
      if (key) {
        const { subject, key: name, hash, first, last, tag, at } = key
        this.#run(
          'INSERT OR REPLACE INTO used_key VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
          subject,
          name,
          hash,
          first,
          last,
          tag,
          at,
        )
      }
      if (emptied !== undefined) this.#sweepKeys(emptied)
      else if (newest && Math.floor(newest.last / SWEEP) > Math.floor(before.head.seq / SWEEP))
        this.#sweepKeys(newest.at)
      if (floor) {
        const letGo = this.#rows<Span>('DELETE FROM frame WHERE room = ? AND last <= ? RETURNING bytes', floor.seq)
        for (const { bytes } of letGo) after.gone += bytes
        after.floor = floor
        const values = [floor.seq, floor.tag, emptied ?? null]
        this.#run('UPDATE head SET floor = ?2, tag = ?3, emptied = ?4 WHERE room = ?1', ...values)
      } else if (emptied !== undefined) this.#run('UPDATE head SET emptied = ?2 WHERE room = ?1', emptied)
      if (newest || floor || emptied !== undefined) after.emptied = emptied
      if (closed) this.#run('UPDATE head SET closed = 1 WHERE room = ?')
      if (run) this.#keepRun(run)
    })
  }

  drop(): void {
    if (!this.exists) return
    this.#change(ABSENT, () => {
      // Rows, not tables: a table cannot go while a query that nobody read to its end still stands in it.
      for (const table of TABLES) this.#run(`DELETE FROM ${table} WHERE room = ?`)
    })
  }

  tagAt(seq: number): string | undefined {
    const text = 'SELECT first, tag FROM frame WHERE room = ? AND last >= ? ORDER BY last LIMIT 1'
    const frame = this.exists ? first(this.#rows<Frame>(text, seq)) : undefined
    return frame && frame.first <= seq ? frame.tag : undefined
  }

  spans(): Iterable<Span> {
    const text = 'SELECT last, first, tag, at, bytes FROM frame WHERE room = ? ORDER BY last'
    return this.exists ? this.#rows<Span>(text) : []
  }

  *framesAfter(seq: number): Generator<Frame, void, undefined> {
    if (!this.exists) return
    // As bytes: Deno gives a text up to its first NUL. https://www.sqlite.org/nulinstr.html
    const text = `SELECT last, first, tag, at, bytes, CAST(blocks AS BLOB) AS blocks FROM frame
      WHERE room = ? AND last > ? ORDER BY last`
    for (const frame of this.#rows<StoredFrame>(text, seq)) yield { ...frame, blocks: decoder.decode(frame.blocks) }
  }

  findKey(subject: string, key: string): UsedKey | undefined {
    const text = `SELECT subject, key, hash, first, last, tag, at FROM used_key
      WHERE room = ? AND subject = ? AND key = ?`
    return this.exists ? first(this.#rows<UsedKey>(text, subject, key)) : undefined
  }

  runs(): Iterable<Run> {
    const text = `SELECT id, producer, subject, key, hash, state, when_empty AS whenEmpty, then_do AS "then", at FROM run
      WHERE room = ?`
    return this.exists ? this.#rows<Run>(text) : []
  }

  #keepRun({ id, producer, subject, key, hash, state, whenEmpty, then, at }: Run): void {
    const values: SqlValue[] = [id, producer, subject, key, hash, state, whenEmpty, then, at]
    this.#run('INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', ...values)
    this.#run(
      `DELETE FROM run WHERE room = ?1 AND state <> 'running' AND (at < ?2
        OR at < (SELECT at FROM run WHERE room = ?1 ORDER BY at DESC LIMIT 1 OFFSET ?3))`,
      at - KEY_AGE,
      RUN_COUNT - 1,
    )
  }

  /** What is known changes only with the tables, and back with them: it is not read again, which could fail then. */
  #change(after: State, work: () => void): void {
    const before = this.#state
    this.#sql.transaction(work, () => {
      this.#state = before
    })
    this.#state = after
  }

  #create(): void {
    for (const statement of SCHEMA) first(this.#sql.query(statement))
    this.#run(`INSERT INTO head VALUES (?, 1, 0, '-', 0, NULL)`)
  }

  /** An index that spared reading them all would cost a row for each. */
  #sweepKeys(now: number): void {
    this.#run('DELETE FROM used_key WHERE room = ? AND at < ?', now - KEY_AGE)
    this.#run(
      `DELETE FROM used_key WHERE room = ?1
        AND last <= (SELECT last FROM used_key WHERE room = ?1 ORDER BY last DESC LIMIT 1 OFFSET ?2)`,
      KEY_COUNT,
    )
  }

  /** Rows of this room: its name is the first value of every statement. */
  #rows<Row>(text: string, ...values: SqlValue[]): Iterable<Row> {
    return this.#sql.query<Row>(text, this.#room, ...values)
  }

  #run(text: string, ...values: SqlValue[]): void {
    first(this.#rows(text, ...values))
  }
}
