import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import type { Sql } from '../../src/rooms/sql.ts'
import { SqlLog } from '../../src/rooms/sql-log.ts'
import { logContract } from './log.contract.ts'
import { sqlIn } from './sqlite.ts'

const databases = new Map<string, DatabaseSync>()
const sqlOf = (name: string): Sql => {
  const database = databases.get(name) ?? new DatabaseSync(':memory:')
  databases.set(name, database)
  return sqlIn(database)
}

logContract((name) => new SqlLog(sqlOf(name)))

describe('SqlLog', () => {
  const frame = { first: 1, last: 2, tag: 'aaaaaa', at: 0, bytes: 3, blocks: 'x\n\ny\n\n' }
  const key = { subject: '', key: 'k', hash: 'h', first: 1, last: 2, tag: 'aaaaaa', at: 0 }

  it('is the same after it was opened again', () => {
    const log = new SqlLog(sqlOf('again'))
    log.commit({ frames: [frame], key })
    log.commit({ frames: [{ ...frame, first: 3, last: 3, tag: 'bbbbbb' }], floor: { seq: 2, tag: 'aaaaaa' } })
    log.commit({ closed: true })
    const again = new SqlLog(sqlOf('again'))
    for (const name of ['exists', 'head', 'floor', 'closed', 'bytes', 'emptied'] as const)
      expect({ ...[again[name]] }).toEqual({ ...[log[name]] })
    expect({ ...again.findKey('', 'k') }).toEqual(key)
  })

  it('has its floor as head when no event is retained', () => {
    const log = new SqlLog(sqlOf('purged'))
    log.commit({ frames: [frame] })
    log.commit({ floor: { seq: 2, tag: 'aaaaaa' }, emptied: 9 })
    expect(new SqlLog(sqlOf('purged'))).toMatchObject({ head: { seq: 2, tag: 'aaaaaa' }, emptied: 9, bytes: 0 })
  })

  it('is absent once it was dropped, also where it cannot be read just then', () => {
    const sql = sqlOf('dropped')
    let fail = false
    const log = new SqlLog({
      transaction: sql.transaction,
      query: (text, ...values) => {
        if (fail && text.startsWith('SELECT')) throw new Error('disk failure')
        return sql.query(text, ...values)
      },
    })
    log.commit({ frames: [frame] })
    log.commit({ floor: { seq: 2, tag: 'aaaaaa' }, emptied: 9 })
    fail = true
    log.drop()
    fail = false
    expect(log).toMatchObject({ exists: false, head: { seq: 0 }, bytes: 0, emptied: undefined })
    log.commit({ frames: [{ ...frame, tag: 'bbbbbb' }] })
    expect(new SqlLog(sql)).toMatchObject({ exists: true, head: { seq: 2, tag: 'bbbbbb' }, bytes: 3 })
  })

  it('changes nothing, in the tables and in itself, when a commit fails half-way', () => {
    const sql = sqlOf('failing')
    const log = new SqlLog(sql)
    log.commit({ frames: [frame] })
    let fail = true
    const failing = new SqlLog({
      transaction: sql.transaction,
      query: (text, ...values) => {
        if (fail && text.startsWith('INSERT OR REPLACE INTO used_key')) throw new Error('disk full')
        return sql.query(text, ...values)
      },
    })
    const next = { frames: [{ ...frame, first: 3, last: 3, tag: 'bbbbbb' }], key }
    expect(() => failing.commit(next)).toThrow('disk full')
    expect(failing.head).toEqual({ seq: 2, tag: 'aaaaaa' })
    expect(new SqlLog(sql).head).toEqual({ seq: 2, tag: 'aaaaaa' })
    fail = false
    failing.commit(next)
    expect(new SqlLog(sql).head).toEqual({ seq: 3, tag: 'bbbbbb' })
  })
})
