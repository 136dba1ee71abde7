/** Which rooms of a file want to be looked at: found by a few rows of each, however much they keep. */
import { REMEMBERED } from './retention.ts'
import type { SqliteDatabase } from './sqlite-database.ts'

/** Rooms that are looked at in one go: some milliseconds. */
const AT_ONCE = 500

/**
 * An oldest event that a clock stamped far ahead says nothing of those after it, so its room is due as well. In goes:
 * between two the event loop may turn.
 */
export function* dueRooms(database: SqliteDatabase, age: number, now: number): Generator<string[], void, undefined> {
  // A file in which nobody ever published has no tables.
  if ([...database.query(`SELECT 1 FROM sqlite_master WHERE name = 'head'`)].length === 0) return
  for (let last = ''; ; ) {
    const rooms = [
      ...database.query<{ room: string; due: number | null }>(
        `SELECT room, emptied <= ? OR (
          SELECT at <= ? OR at > ? FROM frame WHERE frame.room = head.room ORDER BY last LIMIT 1
        ) AS due FROM head WHERE room > ? ORDER BY room LIMIT ${AT_ONCE}`,
        now - REMEMBERED,
        now - age,
        now,
        last,
      ),
    ]
    yield rooms.flatMap(({ room, due }) => (due === 1 ? room : []))
    if (rooms.length < AT_ONCE) return
    last = rooms.at(-1)?.room ?? ''
  }
}

/** Rooms whose work broke off when the file was open before. */
export function roomsAtWork(database: SqliteDatabase): string[] {
  if ([...database.query(`SELECT 1 FROM sqlite_master WHERE name = 'run'`)].length === 0) return []
  return Array.from(
    database.query<{ room: string }>(`SELECT DISTINCT room FROM run WHERE state = 'running'`),
    ({ room }) => room,
  )
}
