/** A database of Node's SQLite as a log asks for it. */
import type { DatabaseSync } from 'node:sqlite'
import type { Sql } from '../../src/rooms/sql.ts'

export const sqlIn = (database: DatabaseSync): Sql => ({
  query: <Row>(text: string, ...values: (string | number | null)[]) =>
    database.prepare(text).all(...values) as Iterable<Row>,
  transaction: (work) => {
    database.exec('BEGIN')
    try {
      work()
      database.exec('COMMIT')
    } catch (error) {
      database.exec('ROLLBACK')
      throw error
    }
  },
})
