import { setImmediate } from 'node:timers/promises'
import { describe } from 'vitest'
import { SqlLog } from '../../src/rooms/sql-log.ts'
import { type SqliteBackends, sqliteBackends } from '../../src/rooms/sqlite.ts'
import { SqliteDatabase } from '../../src/rooms/sqlite-database.ts'
import { openFile } from '../../src/rooms/sqlite-file.ts'
import { LARGE, LIMITED, LIMITS, RETAINED, roomContract } from './contract.ts'
import { type FreshRooms, isolationContract } from './isolation.contract.ts'
import { BUDGET, lagSuite } from './lag.ts'
import { logContract } from './log.contract.ts'
import { producersContract } from './producers.contract.ts'
import { producers } from './producers.ts'
import { kept, newPath } from './sqlite-files.ts'

/** Backends of rooms that keep little, of those that do not, and of those that take only so much. */
const kinds = (): ((name: string) => SqliteBackends) => {
  const small = kept(sqliteBackends(newPath(), { retention: { events: RETAINED }, budget: BUDGET }))
  const large = kept(sqliteBackends(newPath(), { budget: BUDGET }))
  const limited = kept(sqliteBackends(newPath(), { limits: LIMITS, budget: BUDGET }))
  return (name) => (name.startsWith(LARGE) ? large : name.startsWith(LIMITED) ? limited : small)
}

describe.each([0, 25])('SQLite rooms, %i ms away', (latency) => {
  const of = kinds()
  const look = (name: string): Promise<void> => of(name).tidy()
  roomContract({ durable: true, backendOf: (name) => of(name).backendOf(name), look }, latency)
})

describe.each([0, 25])('producers in SQLite rooms, %i ms away', (latency) => {
  const { backendOf } = kept(sqliteBackends(newPath(), { producers }))
  producersContract(backendOf, latency)
})

describe('SQLite rooms', () => {
  const of = kinds()
  lagSuite({ backendOf: (name) => of(name).backendOf(name) }, 0)

  const fresh = (): FreshRooms => {
    const files = [sqliteBackends(newPath(), { producers }), sqliteBackends(newPath(), { limits: LIMITS })] as const
    const [{ backendOf }, { backendOf: limitedOf }] = files
    const close = (): void => {
      for (const file of files) file.close()
    }
    return { backendOf, limitedOf, close }
  }
  isolationContract(fresh, 30)
})

describe('a SqlLog among others in a file', () => {
  const database = kept(new SqliteDatabase(openFile(newPath()), setImmediate))
  logContract((name) => new SqlLog(database.sql(), name))
})
