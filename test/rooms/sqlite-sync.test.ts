/** Publishes that share a sync, and what becomes of them when it fails. */
import { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { makeRoom } from '../../src/rooms/make-room.ts'
import type { Published, Rooms } from '../../src/rooms/room.ts'
import type { Sql } from '../../src/rooms/sql.ts'
import { sqliteBackends } from '../../src/rooms/sqlite.ts'
import { arrived, idsOf, kept, newPath, open, publishMany, subscribe } from './sqlite-files.ts'
import { Traffic } from './traffic.ts'

afterEach(() => void vi.restoreAllMocks())

/** Counts the syncs of a file: transactions that are committed. */
const countCommits = (): { readonly count: number } => {
  const exec = vi.spyOn(DatabaseSync.prototype, 'exec')
  return {
    get count() {
      return exec.mock.calls.filter(([text]) => text === 'COMMIT').length
    },
  }
}

describe('publishes that come together', () => {
  const PUBLISHERS = 16
  const ROUNDS = 20

  it.each([
    ['in one room', () => 'a'],
    ['in as many rooms', (n: number) => `room-${n}`],
  ])('share a sync: 16 publishers %s', async (_, nameOf) => {
    const rooms = open()
    const commits = countCommits()
    const ids = await Promise.all(
      Array.from({ length: PUBLISHERS }, async (_, n) => {
        const mine: string[] = []
        for (let round = 0; round < ROUNDS; round++) mine.push((await rooms.get(nameOf(n)).publish({ data: n })).id)
        return mine
      }),
    )
    expect(new Set(ids.flatMap((mine, n) => mine.map((id) => `${nameOf(n)} ${id}`))).size).toBe(PUBLISHERS * ROUNDS)
    expect(commits.count).toBeGreaterThanOrEqual(ROUNDS)
    expect(commits.count).toBeLessThanOrEqual(ROUNDS + 5)
  })

  it('are neither answered nor sent before it', async () => {
    const rooms = open()
    const commits = countCommits()
    const reader = await subscribe(rooms.get('a'))
    await reader.untilLive()
    const answers: number[] = []
    const publishing = [1, 2, 3].map((n) =>
      rooms
        .get('a')
        .publish({ data: n })
        .then(() => answers.push(commits.count)),
    )
    await Promise.all(publishing)
    await reader.events(3)
    expect(answers).toEqual([1, 2, 2])
    await reader.leave()
  })

  it('is one alone when it finds the file at rest', async () => {
    const rooms = open()
    const commits = countCommits()
    for (let n = 1; n <= 5; n++) {
      await rooms.get('a').publish({ data: n })
      expect(commits.count).toBe(n)
    }
  })
})

describe('a disk that fails', () => {
  /** What fails from now on: statements of logs, or those of transactions. */
  let failing: Pick<RegExp, 'test'> | undefined
  const strike = (text: string): void => {
    if (failing?.test(text)) throw new Error('disk I/O error')
  }
  const throughFaults = (sql: Sql): Sql => ({
    ...sql,
    query: (text, ...values) => {
      strike(text)
      return sql.query(text, ...values)
    },
  })
  const fail = (what: RegExp | undefined): void => {
    failing = what
  }
  const openFaulty = (path = newPath()): Rooms & { close(): void } => {
    const backends = kept(sqliteBackends(path, {}, throughFaults))
    const { exec } = DatabaseSync.prototype
    vi.spyOn(DatabaseSync.prototype, 'exec').mockImplementation(function (this: DatabaseSync, text: string) {
      strike(text)
      exec.call(this, text)
    })
    return { get: (name) => makeRoom(name, backends.backendOf(name)), close: () => backends.close() }
  }
  const settled = async (publishing: Promise<Published>[]): Promise<unknown[]> =>
    (await Promise.allSettled(publishing)).map((each) =>
      each.status === 'fulfilled' ? each.value.id : (each.reason as { code: string }).code,
    )

  afterEach(() => fail(undefined))

  it.each([/^BEGIN/, /^CREATE TABLE/, /^INSERT INTO spent_ticket/, /^COMMIT/])(
    'at %s lets nobody in with a ticket, and once when it works again',
    async (what) => {
      const rooms = openFaulty()
      const ticket = { id: crypto.randomUUID(), expires: Date.now() + 30_000 }
      const ask = async (): Promise<number> => {
        const answer = await rooms.get('a').subscribe(new Request('http://localhost/'), { ticket })
        await answer.body?.cancel()
        return answer.status
      }
      fail(what)
      expect([await ask(), await ask()]).toEqual([503, 503])
      fail(undefined)
      expect([await ask(), await ask()]).toEqual([200, 401])
      expect(await rooms.get('a').info()).toBeUndefined()
    },
  )

  it.each([/^BEGIN/, /^INSERT INTO frame/, /^INSERT OR REPLACE INTO used_key/, /^COMMIT/])(
    'at %s refuses all that came together, in all rooms, changes nothing, and takes each once when it works again',
    async (what) => {
      const path = newPath()
      const rooms = openFaulty(path)
      const names = ['a', 'b', 'never']
      const stood = [await rooms.get('a').publish({ data: 'stood' }), await rooms.get('b').publish({ data: 'stood' })]
      const readers = await Promise.all(names.map((name) => subscribe(rooms.get(name), '0')))
      const before = await Promise.all(names.map((name) => rooms.get(name).info()))
      const attempt = (): Promise<unknown[]> =>
        settled(names.flatMap((name) => [1, 2, 3].map((n) => rooms.get(name).publish({ data: n }, { key: `k${n}` }))))
      for (let attempts = 0; attempts < 3; attempts++) {
        fail(what)
        expect(await attempt()).toEqual(Array(9).fill('storage-unavailable'))
        fail(undefined)
        expect(await Promise.all(names.map((name) => rooms.get(name).info()))).toEqual(before)
      }
      const ids = await attempt()
      expect(await attempt()).toEqual(ids)
      for (const [index, name] of names.entries()) {
        const mine = ids
          .slice(index * 3, index * 3 + 3)
          .map(String)
          .toSorted() // They overtake each other on their way.
        const expected = [...(stood[index] ? [stood[index].id] : []), ...mine]
        expect(expected.map((id) => Number.parseInt(id, 10))).toEqual(expected.map((_, n) => n + 1))
        expect(await readers[index]?.events(expected.length)).toEqual(expected)
        expect(await idsOf(rooms.get(name))).toEqual(expected)
      }
      expect(readers.flatMap((reader) => reader.complete()).filter(({ event }) => event === 'stream.gap')).toEqual([])
      rooms.close()
      const again = open(path)
      for (const [index, name] of names.entries())
        expect(await idsOf(again.get(name))).toHaveLength(stood[index] ? 4 : 3)
      await Promise.all(readers.map((reader) => reader.leave()))
    },
  )

  it('in the middle of a fan-out refuses what waits, and only that', async () => {
    const rooms = openFaulty()
    const reader = await subscribe(rooms.get('a'), '0')
    const first = rooms.get('a').publish({ data: 'first' }) // Finds the room at rest.
    const waiting = [
      rooms.get('a').publish({ data: 'second' }, { key: 'k' }),
      rooms.get('b').publish({ data: 'other' }),
    ]
    const same = rooms.get('a').publish({ data: 'second' }, { key: 'k' })
    await vi.waitFor(async () => expect((await first).id).toMatch(/^1-/))
    fail(/^COMMIT/)
    expect(await settled([...waiting, same])).toEqual(Array(3).fill('storage-unavailable'))
    fail(undefined)
    const { id, duplicate } = await rooms.get('a').publish({ data: 'second' }, { key: 'k' })
    expect([id, duplicate]).toEqual([expect.stringMatching(/^2-/), false])
    expect(await reader.events(2)).toEqual([(await first).id, id])
    await reader.leave()
  })

  it('answers what another room has made durable, though the next commit fails', async () => {
    const rooms = openFaulty()
    await rooms.get('a').publish({ data: 'first' })
    const durable = rooms.get('a').publish({ data: 'second' }) // Waits for the event loop.
    await arrived()
    await rooms.get('a').info() // Makes it durable, since its id is told.
    const lost = rooms.get('a').publish({ data: 'third' })
    await arrived()
    fail(/^COMMIT/)
    expect(await settled([durable, lost])).toEqual([expect.stringMatching(/^2-/), 'storage-unavailable'])
    fail(undefined)
    expect(await idsOf(rooms.get('a'))).toHaveLength(2)
  })

  it('keeps a room open and its events when it can neither be closed nor purged', async () => {
    const rooms = openFaulty()
    const ids = await publishMany(rooms.get('a'), 3)
    for (const what of [/^UPDATE/, /^COMMIT/]) {
      fail(what)
      await expect(rooms.get('a').close()).rejects.toMatchObject({ code: 'storage-unavailable' })
      await expect(rooms.get('a').purge()).rejects.toMatchObject({ code: 'storage-unavailable' })
      fail(undefined)
      expect(await idsOf(rooms.get('a'))).toEqual(ids)
      expect(await rooms.get('a').info()).toMatchObject({ state: 'open', count: 3 })
    }
  })

  it('now and then loses and repeats nothing for anybody, in any room', async () => {
    const rooms = openFaulty()
    const crowds = ['a', 'b', 'c'].map((name) => new Traffic(rooms.get(name)))
    await Promise.all(crowds.flatMap((crowd) => [crowd.join(), crowd.join('0')]))
    let statements = 0
    // One in thirty of those that write: every other group fails, and each publish comes through in the end.
    failing = { test: (text) => /^(BEGIN|INSERT|COMMIT)/.test(text) && Math.random() < 0.03 && ++statements > 0 }
    await Promise.all(
      crowds.flatMap((crowd) => [1, 2, 3, 4].map((publisher) => crowd.publish(`publisher ${publisher}`, 25))),
    )
    fail(undefined)
    expect(statements).toBeGreaterThan(10)
    for (const crowd of crowds) {
      await crowd.settle()
      expect(crowd.ids).toHaveLength(100)
      await crowd.leave()
    }
  })

  it('leaves a room absent whose first event cannot be stored, also when it is closed meanwhile', async () => {
    const rooms = openFaulty()
    await rooms.get('a').publish({ data: 'first' })
    const lost = rooms.get('new').publish({ data: 'lost' }) // Waits for the event loop.
    await arrived()
    failing = /^COMMIT/
    const closing = rooms.get('new').close()
    failing = undefined
    await expect(closing).rejects.toMatchObject({ code: 'room-not-found' })
    expect(await settled([lost])).toEqual(['storage-unavailable'])
    expect(await rooms.get('new').info()).toBeUndefined()
  })

  it('while it cannot be read keeps readers, and feeds them when it can', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const rooms = openFaulty()
    const ids = await publishMany(rooms.get('a'), 3)
    fail(/^SELECT/)
    await expect(rooms.get('a').info()).rejects.toMatchObject({ code: 'storage-unavailable' })
    await expect(idsOf(rooms.get('a'))).rejects.toMatchObject({ code: 'storage-unavailable' })
    const reader = await subscribe(rooms.get('a'), '0')
    await setImmediate()
    fail(undefined)
    expect(await reader.events(3)).toEqual(ids)
    await reader.leave()
  })
})
