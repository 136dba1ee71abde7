/** As much of `node:sqlite` as is used here, of Node, Deno and Bun alike: https://nodejs.org/api/sqlite.html */
declare module 'node:sqlite' {
  export class DatabaseSync {
    constructor(path: string)
    readonly isTransaction: boolean
    exec(sql: string): void
    prepare(sql: string): StatementSync
    close(): void
  }
  export interface StatementSync {
    all(...values: (string | number | null)[]): unknown[]
    iterate(...values: (string | number | null)[]): Iterable<unknown>
  }
}
