/**
 * A SQLite file that is this process's alone, for as long as it is open: https://sqlite.org/wal.html. The lock is the
 * operating system's, so it goes with its process, however that ends.
 */
import { DatabaseSync } from 'node:sqlite'
import { causeText, SseError } from '../errors.ts'

/** Says whose file it is ("eSSE"): https://sqlite.org/pragma.html#pragma_application_id */
const APPLICATION = 0x65_53_53_45
/** Of the tables in `sql.ts`. A later version migrates by it. */
const VERSION = 1

/** Opens or creates a file. Throws `invalid-option`, `already-open`, `cannot-open`. */
export function openFile(path: string): DatabaseSync {
  // SQLite takes these for databases in memory, which would be durable in name only.
  if (typeof path !== 'string' || path === '' || path.startsWith(':') || path.startsWith('file:'))
    throw new SseError('invalid-option', 'Cannot open rooms: `path` is not the path of a file', { field: 'path' })
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path)
    prepare(database, path)
    return database
  } catch (error) {
    database?.close()
    throw error instanceof SseError ? error : refusal(path, error)
  }
}

function prepare(database: DatabaseSync, path: string): void {
  const answer = (query: string): unknown => Object.values(database.prepare(query).all()[0] as object)[0]
  // Whoever else has the file has it for good: there is nothing to wait for.
  database.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE')
  const isNew = answer('SELECT count(*) FROM sqlite_master') === 0
  const version = answer('PRAGMA user_version') as number
  if (!isNew && answer('PRAGMA application_id') !== APPLICATION)
    throw cannotOpen(path, 'it is a database of something else, choose another path')
  if (version > VERSION) throw cannotOpen(path, `it was written by a newer edge-sse (format ${version}), use that one`)
  if (answer('PRAGMA journal_mode = WAL') !== 'wal')
    throw cannotOpen(path, 'its file system takes no write-ahead log, choose a local disk')
  database.exec('PRAGMA synchronous = FULL')
  // Even where there is nothing to say: from here on the lock is held.
  const marks = isNew ? `PRAGMA application_id = ${APPLICATION}; PRAGMA user_version = ${VERSION};` : ''
  database.exec(`BEGIN IMMEDIATE; ${marks} COMMIT`)
  // What a process wrote that died before its sync is there to be read: it is made durable before anybody is given it.
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
}

const cannotOpen = (path: string, why: string, cause?: unknown): SseError =>
  new SseError('cannot-open', `Cannot open rooms in ${path}: ${why}`, { cause })

/** By result code (https://sqlite.org/rescode.html), or by its text where a runtime leaves that out. */
function refusal(path: string, error: unknown): SseError {
  const { errcode = 0 } = error as { errcode?: number }
  const text = causeText(error)
  const is = (code: number, words: string): boolean => (errcode & 0xff) === code || text.includes(words)
  if (is(5, 'database is locked'))
    return new SseError(
      'already-open',
      `Cannot open rooms in ${path}: they are open already, in this process or another one; close them there, or share them`,
      { cause: error },
    )
  if (is(26, 'file is not a database')) return cannotOpen(path, 'it is no SQLite database, choose another path', error)
  if (is(8, 'readonly')) return cannotOpen(path, 'it may not be written, change its rights', error)
  if (is(14, 'unable to open'))
    return cannotOpen(path, 'its folder does not exist or may not be written, or it is a folder: make one first', error)
  return cannotOpen(path, 'SQLite cannot read it, see the cause', error)
}
