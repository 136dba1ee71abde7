/** Spent tickets in SQLite, for all rooms of a database: in a table of its own, so that they bring no room to life. */
import type { SpentTickets } from './spent-tickets.ts'
import { first, type Sql } from './sql.ts'

const TABLE = `CREATE TABLE IF NOT EXISTS spent_ticket (
  id TEXT PRIMARY KEY, expires INTEGER NOT NULL
) WITHOUT ROWID`

/** Milliseconds from one look to the next at least: those that expire meanwhile go together. */
const PAUSE = 30_000

interface State {
  made: boolean
  /** When the first of those that are kept expires. */
  earliest: number | undefined
}

export class SqlTickets implements SpentTickets {
  readonly #sql: Sql
  /** What is known without asking the table. */
  #state: State

  constructor(sql: Sql) {
    this.#sql = sql
    const made = this.#first(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'spent_ticket'`) !== undefined
    this.#state = { made, earliest: made ? this.#time('SELECT min(expires) AS time FROM spent_ticket') : undefined }
  }

  spend(id: string, expires: number, now: number): boolean {
    const { made, earliest = expires } = this.#state
    if (!(expires > now)) return false
    if (made && this.#first('SELECT 1 FROM spent_ticket WHERE id = ?', id)) return false
    this.#change({ made: true, earliest: Math.min(earliest, expires) }, () => {
      if (!made) this.#first(TABLE)
      this.#first('INSERT INTO spent_ticket VALUES (?, ?)', id, expires)
    })
    return true
  }

  tidy(now: number): void {
    const { made, earliest = Number.POSITIVE_INFINITY } = this.#state
    if (!made || earliest > now) return
    const next = this.#time('SELECT min(expires) AS time FROM spent_ticket WHERE expires > ?', now)
    this.#change({ made, earliest: next }, () => this.#first('DELETE FROM spent_ticket WHERE expires <= ?', now))
  }

  due(now: number): number | undefined {
    const { earliest } = this.#state
    return earliest === undefined ? undefined : Math.max(earliest - now, PAUSE)
  }

  /** Durable when it returns: nobody is let in by what may be undone. */
  #change(after: State, work: () => void): void {
    const before = this.#state
    this.#sql.transaction(work, () => {
      this.#state = before
    })
    this.#state = after
    this.#sql.shared?.sync()
  }

  #time(text: string, ...values: number[]): number | undefined {
    return this.#first<{ time: number | null }>(text, ...values)?.time ?? undefined
  }

  #first<Row>(text: string, ...values: (string | number)[]): Row | undefined {
    return first(this.#sql.query<Row>(text, ...values))
  }
}
