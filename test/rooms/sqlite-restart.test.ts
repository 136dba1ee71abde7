/** What a file of rooms keeps while nobody uses them, and after it was opened again. */
import { copyFileSync, readdirSync, rmSync } from 'node:fs'
import { basename } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { makeRoom } from '../../src/rooms/make-room.ts'
import type { Room, RoomMessage } from '../../src/rooms/room.ts'
import { type SqliteBackends, type SqliteRooms, sqliteBackends, sqliteRooms } from '../../src/rooms/sqlite.ts'
import { producers } from './producers.ts'
import { folder, idsOf, kept, newPath, open, publishMany, subscribe } from './sqlite-files.ts'

describe('a file that is opened again', () => {
  afterEach(() => void vi.useRealTimers())

  it('has everything, its ids go on, and it still knows the keys', async () => {
    const path = newPath()
    const before = sqliteRooms(path)
    const ids = await publishMany(before.get('a'), 5)
    await before.get('b').publish({ data: 'of another' })
    await before.get('b').close()
    before.close()
    const after = open(path)
    expect(await idsOf(after.get('a'))).toEqual(ids)
    expect(await idsOf(after.get('a'), ids[2])).toEqual(ids.slice(3))
    expect(await after.get('a').publish({ data: 3 }, { key: 'k3' })).toMatchObject({ id: ids[2], duplicate: true })
    expect(await after.get('a').publish({ data: 6 })).toMatchObject({ id: expect.stringMatching(/^6-/), durable: true })
    expect(await after.get('b').info()).toMatchObject({ state: 'closed', count: 1 })
  })

  it('knows which tickets were spent, until they expire', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance', 'setInterval', 'clearInterval'] })
    const path = newPath()
    const ticket = { id: crypto.randomUUID(), expires: Date.now() + 90_000 }
    const ask = (rooms: SqliteRooms): Promise<Response> =>
      rooms.get('a').subscribe(new Request('http://localhost/'), { ticket })
    const rowsIn = (file: DatabaseSync): unknown => {
      const rows = file.prepare('SELECT count(*) AS rows FROM spent_ticket').get()
      file.close()
      return rows?.rows
    }
    const before = sqliteRooms(path)
    expect((await ask(before)).status).toBe(200)
    copyFileSync(path, `${path}.crashed`) // What a process leaves that is killed now.
    copyFileSync(`${path}-wal`, `${path}.crashed-wal`)
    before.close()
    expect((await ask(open(`${path}.crashed`))).status).toBe(401)
    const after = sqliteRooms(path)
    expect((await ask(after)).status).toBe(401)
    expect(await after.get('a').info()).toBeUndefined()
    after.close()
    expect(rowsIn(new DatabaseSync(path))).toBe(1)
    const later = sqliteRooms(path)
    await vi.advanceTimersByTimeAsync(120_000)
    later.close()
    expect(rowsIn(new DatabaseSync(path))).toBe(0)
  })

  it('ends the runs that broke off with an error, unasked, and runs none of them again', async () => {
    const path = newPath()
    const before = open(path, { producers })
    const { run } = await before.get('job').start('wait', {}, { key: 'k' })
    await expect.poll(() => idsOf(before.get('job'))).toHaveLength(1)
    before.close()
    const stateIn = (file: DatabaseSync): unknown => {
      const row = file.prepare('SELECT state FROM run').get()
      file.close()
      return row?.state
    }
    expect(stateIn(new DatabaseSync(path))).toBe('running')
    sqliteRooms(path, { producers }).close() // Nobody has asked for the room.
    expect(stateIn(new DatabaseSync(path))).toBe('failed')
    const room = open(path, { producers }).get('job')
    expect(await room.start('wait', {}, { key: 'k' })).toEqual({ run, duplicate: true })
    const said = (await Array.fromAsync(room.read({ live: false }))) as RoomMessage[]
    expect(said.map(({ event }) => event)).toEqual(['begun', 'stream.error'])
    expect(JSON.parse(said[1]?.data ?? '')).toMatchObject({ code: 'producer-lost', run })
    expect(await room.info()).toMatchObject({ state: 'closed', runs: [{ run, state: 'failed' }] })
  })

  it('leaves nothing beside it once it is closed', async () => {
    const path = newPath()
    const rooms = sqliteRooms(path)
    await publishMany(rooms.get('a'), 3)
    rooms.close()
    rooms.close()
    expect(readdirSync(folder).filter((name) => name.startsWith(`${basename(path)}-`))).toEqual([])
  })

  it('never resumes an id of a file that was deleted, also when it has grown past it', async () => {
    const path = newPath()
    const before = sqliteRooms(path)
    const ids = await publishMany(before.get('a'), 3)
    before.close()
    rmSync(path)
    const after = open(path)
    expect((await publishMany(after.get('a'), 5)).length).toBe(5)
    const reader = await subscribe(after.get('a'), ids[2])
    const [gap] = await reader.untilLive()
    expect(JSON.parse(gap?.data ?? '')).toMatchObject({ reason: 'unknown', asked: ids[2] })
    await reader.leave()
  })

  it('never resumes what an older copy of it has lost, also when that has grown past it', async () => {
    const path = newPath()
    const first = sqliteRooms(path)
    const ids = await publishMany(first.get('a'), 3)
    first.close()
    copyFileSync(path, `${path}.copy`)
    const second = sqliteRooms(path)
    const { id: lost } = await second.get('a').publish({ data: 'lost' })
    second.close()
    copyFileSync(`${path}.copy`, path)
    const third = open(path)
    for (let n = 0; n < 3; n++) await third.get('a').publish({ data: 'grown' })
    expect((await idsOf(third.get('a'), ids[2])).length).toBe(3)
    const [gap] = await Array.fromAsync(third.get('a').read({ after: lost, live: false }))
    expect(gap).toMatchObject({ gap: { reason: 'unknown', asked: lost } })
  })
})

describe('reading absent rooms', () => {
  it('writes nothing and keeps nothing', async () => {
    const path = newPath()
    const backends = sqliteBackends(path)
    for (let n = 0; n < 20; n++) {
      const room = makeRoom(`absent-${n}`, backends.backendOf(`absent-${n}`))
      expect([await room.info(), await idsOf(room)]).toEqual([undefined, []])
      const reader = await subscribe(room)
      await reader.untilLive()
      await reader.leave()
    }
    await vi.waitFor(() => expect(backends.rest()).toBe(0))
    backends.close()
    const database = new DatabaseSync(path)
    expect(database.prepare('SELECT count(*) AS count FROM sqlite_master').get()).toMatchObject({ count: 0 })
    database.close()
  })
})

describe('engines of rooms that nobody uses', () => {
  it('are let go, and those that are read stay', async () => {
    const backends = kept(sqliteBackends(newPath()))
    const roomOf = (name: string): Room => makeRoom(name, backends.backendOf(name))
    const reader = await subscribe(roomOf('read'))
    for (let n = 0; n < 50; n++) await roomOf(`room-${n}`).publish({ data: n })
    await vi.waitFor(() => expect(backends.rest()).toBe(1))
    const { id } = await roomOf('read').publish({ data: 1 })
    expect(await reader.events(1)).toEqual([id])
    expect(await roomOf('room-7').publish({ data: 8 })).toMatchObject({ id: expect.stringMatching(/^2-/) })
    await reader.leave()
  })
})

describe('time', () => {
  const HOUR = 3_600_000
  afterEach(() => void vi.useRealTimers())

  it('passes for rooms that nobody uses, also over a restart, without one look at the others', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    const path = newPath()
    const backends = sqliteBackends(path)
    const roomOf = (of: SqliteBackends, name: string): Room => makeRoom(name, of.backendOf(name))
    for (let n = 0; n < 1_200; n++) void roomOf(backends, `room-${n}`).publish({ data: n })
    await roomOf(backends, 'last').publish({ data: 'last' })
    backends.close()
    vi.advanceTimersByTime(25 * HOUR)
    const again = kept(sqliteBackends(path))
    await roomOf(again, 'young').publish({ data: 1 })
    await again.tidy()
    expect(await roomOf(again, 'room-1199').info()).toMatchObject({ count: 0, newest: expect.stringMatching(/^1-/) })
    expect(await roomOf(again, 'young').info()).toMatchObject({ count: 1 })
    vi.advanceTimersByTime(24 * HOUR)
    again.rest()
    await again.tidy()
    again.rest() // Those that are looked at a second time stay in memory until then.
    await again.tidy()
    expect(await roomOf(again, 'room-7').info()).toBeUndefined()
    expect(again.rest()).toBe(0)
  })

  it('takes nothing from rooms that keep events for ever', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    const backends = kept(sqliteBackends(newPath(), { retention: { age: Number.POSITIVE_INFINITY } }))
    const room = makeRoom('a', backends.backendOf('a'))
    await room.publish({ data: 1 })
    vi.advanceTimersByTime(1_000 * HOUR)
    await backends.tidy()
    expect(await room.info()).toMatchObject({ count: 1 })
  })

  it('is looked at by one timer, by itself', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance', 'setInterval', 'clearInterval'] })
    const rooms = open(newPath(), { retention: { age: HOUR } })
    for (const name of ['a', 'b']) await rooms.get(name).publish({ data: 1 })
    expect(vi.getTimerCount()).toBe(1)
    await vi.advanceTimersByTimeAsync(2 * HOUR)
    await vi.waitFor(async () => expect(await rooms.get('a').info()).toMatchObject({ count: 0 }))
    rooms.close()
    expect(vi.getTimerCount()).toBe(0)
  })
})
