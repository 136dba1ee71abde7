/**
 * The one database of many logs. What is committed to any of them joins one transaction, which a sync makes durable:
 * publishes that come together, in one room or in many, share it. When it fails, all of them are undone.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { logError } from '../log-line.ts'
import type { SharedSync } from './log.ts'
import type { Sql, SqlValue } from './sql.ts'

export class SqliteDatabase {
  readonly #file: DatabaseSync
  readonly #turn: () => Promise<void>
  /** By their text: there are some dozens. */
  readonly #statements = new Map<string, StatementSync>()
  /** Of the transaction that is open: what undoes its parts in memory, and whose they are. */
  #undo: (() => void)[] = []
  readonly #members = new Set<SharedSync>()
  #recent = false

  /** `turn` resolves when the event loop has turned once. */
  constructor(file: DatabaseSync, turn: () => Promise<void>) {
    this.#file = file
    this.#turn = turn
  }

  /** The database as one log has it. */
  sql(): Sql {
    const database = this
    const shared: SharedSync = {
      get recent() {
        return database.#recent
      },
      sync: () => {
        if (this.#members.has(shared)) this.#sync()
      },
      onUndo: () => {},
    }
    return {
      shared,
      query: (text, ...values) => this.query(text, ...values),
      transaction: (work, undo) => this.#join(shared, work, undo),
    }
  }

  query<Row>(text: string, ...values: SqlValue[]): Iterable<Row> {
    let statement = this.#statements.get(text)
    if (!statement) {
      statement = this.#file.prepare(text)
      this.#statements.set(text, statement)
    }
    // What writes does all of it, however far it is read.
    return (text.startsWith('SELECT') ? statement.iterate(...values) : statement.all(...values)) as Iterable<Row>
  }

  /** What was committed before is synced. Throws when the file cannot be closed. */
  close(): void {
    try {
      if (this.#members.size > 0) this.#sync()
    } catch (error) {
      logError('storage-unavailable', error)
    }
    this.#file.close()
  }

  #join(shared: SharedSync, work: () => void, undo: () => void): void {
    try {
      // One that could not be rolled back has nothing in it that anybody knows of.
      if (this.#members.size === 0 && this.#file.isTransaction) this.#file.exec('ROLLBACK')
      if (this.#members.size === 0) this.#file.exec('BEGIN IMMEDIATE')
      this.#members.add(shared)
      work()
      this.#undo.push(undo)
    } catch (error) {
      // A disk that fails may have rolled back all of it, and fails the others too.
      this.#rollBack(error)
      throw error
    }
  }

  #sync(): void {
    try {
      this.#file.exec('COMMIT')
    } catch (error) {
      this.#rollBack(error)
      throw error
    }
    this.#members.clear()
    this.#undo = []
    this.#recent = true
    void this.#turn().then(() => {
      this.#recent = false
    })
  }

  #rollBack(cause: unknown): void {
    try {
      if (this.#file.isTransaction) this.#file.exec('ROLLBACK')
    } catch {
      // The next transaction tries again before it begins.
    }
    for (const undo of this.#undo.splice(0).reverse()) undo()
    const members = [...this.#members]
    this.#members.clear()
    for (const { onUndo } of members) onUndo(cause)
  }
}
