/** An object's SQLite as a log asks for it. */
import type { Sql, SqlValue } from './sql.ts'

/** The types of rows are the query's to know: `exec` only says that they are values of SQLite. */
export const sqlOf = (storage: DurableObjectStorage): Sql => ({
  query: <Row>(text: string, ...values: SqlValue[]) => storage.sql.exec(text, ...values) as unknown as Iterable<Row>,
  transaction: (work) => storage.transactionSync(work),
})
