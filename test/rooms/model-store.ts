/** Where the log of a model's room lives: opened again after each restart, put back to an older copy, out of order. */
import { DatabaseSync } from 'node:sqlite'
import type { Log } from '../../src/rooms/log.ts'
import { MemoryLog } from '../../src/rooms/memory-log.ts'
import { SqlLog } from '../../src/rooms/sql-log.ts'
import { sqlIn } from './sqlite.ts'

export interface ModelStore {
  /** While true, nothing can be written. */
  failing: boolean
  open(): Log
  /** Back to an older copy, which ends at or before `seq`. */
  takeBack(seq: number): void
}

/** A log in memory: taken back, it is gone. */
export function memoryStore(): ModelStore {
  const create = (): MemoryLog => {
    const log = new MemoryLog()
    const commit = log.commit.bind(log)
    log.commit = (change) => {
      if (store.failing) throw new Error('out of memory')
      commit(change)
    }
    return log
  }
  const store = {
    failing: false,
    open: () => log,
    takeBack: () => {
      log = create()
    },
  }
  let log = create()
  return store
}

/** A log in SQLite: what fails does so in the middle of a transaction. */
export function sqlStore(): ModelStore {
  const database = new DatabaseSync(':memory:')
  const sql = sqlIn(database)
  const store: ModelStore = {
    failing: false,
    open: () =>
      new SqlLog({
        ...sql,
        query: (text, ...values) => {
          const rows = sql.query<never>(text, ...values)
          if (store.failing && text.startsWith('INSERT')) throw new Error('disk full')
          return rows
        },
      }),
    takeBack: (seq) => {
      const tables = database.prepare(`SELECT name FROM sqlite_master WHERE type = 'table'`).all()
      if (tables.length === 0) return
      const left = database.prepare('SELECT last FROM frame WHERE last <= ?').all(seq)
      if (left.length === 0) for (const { name } of tables) database.exec(`DROP TABLE ${name}`)
      else for (const table of ['frame', 'used_key']) database.prepare(`DELETE FROM ${table} WHERE last > ?`).run(seq)
    },
  }
  return store
}
