import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { MemoryTickets, type SpentTickets, ticketsOf } from '../../src/rooms/spent-tickets.ts'
import { SqlTickets } from '../../src/rooms/sql-tickets.ts'
import { sqlIn } from './sqlite.ts'

const NOW = 1_800_000_000_000
const kinds: Record<string, () => SpentTickets> = {
  MemoryTickets: () => new MemoryTickets(),
  SqlTickets: () => new SqlTickets(sqlIn(new DatabaseSync(':memory:'))),
}

describe.each(Object.entries(kinds))('%s', (_, make) => {
  it('takes a ticket once, until the moment it expires', () => {
    const tickets = make()
    expect([1, 2, 3].map(() => tickets.spend('a', NOW + 10, NOW))).toEqual([true, false, false])
    expect(tickets.spend('b', NOW + 10, NOW + 9)).toBe(true)
    for (const expires of [NOW, NOW - 1, 0, -1, Number.NaN]) expect(tickets.spend('c', expires, NOW)).toBe(false)
    expect(tickets.spend('c', NOW + 1, NOW)).toBe(true)
  })

  it('takes none twice, whoever tidies, also where the clock steps back meanwhile', () => {
    const tickets = make()
    expect(tickets.spend('short', NOW + 10, NOW)).toBe(true)
    expect(tickets.spend('long', NOW + 30_000, NOW)).toBe(true)
    tickets.tidy(NOW + 9)
    expect(tickets.spend('short', NOW + 10, NOW - 3_600_000)).toBe(false)
    tickets.tidy(NOW + 10)
    expect(tickets.spend('short', NOW + 10, NOW + 10)).toBe(false)
    for (const now of [NOW + 20, NOW - 3_600_000, NOW]) expect(tickets.spend('long', NOW + 30_000, now)).toBe(false)
    expect(tickets.spend('another', NOW + 5, NOW - 3_600_000)).toBe(true) // A fresh one by a clock that is behind.
  })
})

describe.each(Object.entries(kinds))('ticketsOf rooms that share %s', (_, make) => {
  it('is what each room knows of its own, and tidies for all', () => {
    const all = make()
    const [lobby, other] = [ticketsOf('lobby', all), ticketsOf('lobby-', all)]
    expect([lobby, other, ticketsOf('lobby', all)].map((each) => each.spend('-a', NOW + 10, NOW))).toEqual([
      true,
      true,
      false,
    ])
    expect(other.spend('a', NOW + 10, NOW)).toBe(true)
    expect(lobby.due(NOW)).toBe(all.due(NOW))
    lobby.tidy(NOW + 10)
    expect(other.due(NOW)).toBeUndefined()
  })
})

describe('MemoryTickets', () => {
  it('holds no more than twice those that are good, and a few', () => {
    const held = new Map<string, number>()
    const tickets = new MemoryTickets(held)
    for (let n = 0; n < 20_000; n++) tickets.spend(`ticket-${n}`, NOW + n + 1_000, NOW + n)
    expect(held.size).toBeLessThanOrEqual(2_000)
    tickets.tidy(NOW + 100_000)
    expect(held.size).toBe(0)
  })
})

describe('SqlTickets', () => {
  const inDatabase = (): { database: DatabaseSync; tickets: SqlTickets; count: () => unknown } => {
    const database = new DatabaseSync(':memory:')
    const count = (): unknown => database.prepare('SELECT count(*) AS count FROM spent_ticket').get()?.count
    return { database, tickets: new SqlTickets(sqlIn(database)), count }
  }

  it('keeps a row for each until it has expired, and says when it is worth looking', () => {
    const { database, tickets, count } = inDatabase()
    expect(tickets.due(NOW)).toBeUndefined()
    tickets.spend('late', NOW + 90_000, NOW)
    expect(tickets.due(NOW)).toBe(90_000)
    tickets.spend('soon', NOW + 10, NOW)
    expect(tickets.due(NOW)).toBe(30_000) // Not for each of many that expire one after the other.
    expect(new SqlTickets(sqlIn(database)).due(NOW)).toBe(30_000)
    tickets.tidy(NOW + 9)
    expect(count()).toBe(2)
    tickets.tidy(NOW + 10)
    expect(count()).toBe(1)
    expect(tickets.due(NOW + 10)).toBe(89_990)
    tickets.tidy(NOW + 90_000)
    expect([count(), tickets.due(NOW)]).toEqual([0, undefined])
  })

  it('knows in another life what was spent, and makes no table before', () => {
    const { database, tickets } = inDatabase()
    expect(database.prepare('SELECT count(*) AS count FROM sqlite_master').get()).toMatchObject({ count: 0 })
    tickets.tidy(NOW)
    tickets.spend('a', NOW + 10, NOW)
    const again = new SqlTickets(sqlIn(database))
    expect([again.spend('a', NOW + 10, NOW), again.spend('b', NOW + 10, NOW)]).toEqual([false, true])
  })
})
