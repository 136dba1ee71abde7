/** SQLite files for a test file: closed and gone when its tests are over. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { Room } from '../../src/rooms/room.ts'
import { type SqliteRooms, type SqliteRoomsOptions, sqliteRooms } from '../../src/rooms/sqlite.ts'
import { StreamReader } from './stream-reader.ts'

export const folder: string = mkdtempSync(join(tmpdir(), 'edge-sse-sqlite-'))
const toClose: { close(): void }[] = []

export const newPath = (): string => join(folder, `${crypto.randomUUID()}.db`)

/** Closes it in the end. */
export const kept = <Closable extends { close(): void }>(closable: Closable): Closable => {
  toClose.push(closable)
  return closable
}

export const open = (path: string = newPath(), options: SqliteRoomsOptions = {}): SqliteRooms =>
  kept(sqliteRooms(path, options))

afterAll(() => {
  for (const each of toClose) each.close()
  rmSync(folder, { recursive: true })
})

export const idsOf = async (room: Room, after = '0'): Promise<string[]> =>
  (await Array.fromAsync(room.read({ after, live: false }))).map(({ id }) => id)
export const publishMany = async (room: Room, count: number): Promise<string[]> => {
  const ids: string[] = []
  for (let n = 1; n <= count; n++) ids.push((await room.publish({ data: n }, { key: `k${n}` })).id)
  return ids
}
export const subscribe = async (room: Room, lastEventId = ''): Promise<StreamReader> => {
  const headers = { accept: 'text/event-stream', 'last-event-id': lastEventId }
  return new StreamReader(await room.subscribe(new Request('http://localhost/', { headers })))
}

/** What was published without a key has come to its room; the event loop has not turned. */
export const arrived = async (): Promise<void> => {
  for (let n = 0; n < 20; n++) await undefined
}
