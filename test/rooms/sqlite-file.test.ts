/** Who gets a file, and what is said to who does not. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { sqliteRooms } from '../../src/rooms/sqlite.ts'
import { arrived, folder, idsOf, newPath, publishMany, subscribe } from './sqlite-files.ts'

/** Opens a file in a process of its own, of this same runtime. Gives what that said. */
async function openElsewhere(path: string): Promise<{ child: ChildProcess; said: string }> {
  const run = 'Deno' in globalThis ? ['run', '-A', '--quiet'] : []
  const child = spawn(process.execPath, [...run, join(import.meta.dirname, 'sqlite-process.ts'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [said] = await once(createInterface({ input: child.stdout }), 'line')
  return { child, said }
}

describe('a file', () => {
  it('that is open is refused to another process, and that of another process here, until that is killed', async () => {
    const path = newPath()
    const rooms = sqliteRooms(path)
    expect((await openElsewhere(path)).said).toBe('already-open')
    rooms.close()
    const { child, said } = await openElsewhere(path)
    expect(said).toBe('open')
    expect(() => sqliteRooms(path)).toThrow(expect.objectContaining({ code: 'already-open' }))
    child.kill('SIGKILL')
    await once(child, 'close')
    using again = sqliteRooms(path)
    expect(await again.get('lobby').info()).toMatchObject({ count: 1 })
  })

  it('that is open is refused to whoever comes second, and is free when it was closed', async () => {
    const path = newPath()
    const rooms = sqliteRooms(path)
    expect(() => sqliteRooms(path)).toThrow(expect.objectContaining({ code: 'already-open' }))
    expect(() => sqliteRooms(path)).toThrow(/^Cannot open rooms in .*: they are open already/)
    await rooms.get('a').publish({ data: 1 })
    expect(() => sqliteRooms(path)).toThrow(expect.objectContaining({ code: 'already-open' }))
    rooms.close()
    sqliteRooms(path).close()
  })

  it('that cannot be opened says why and what to do', () => {
    const noDatabase = newPath()
    writeFileSync(noDatabase, 'not a database, but a text that is long enough to be looked at'.repeat(100))
    const foreign = newPath()
    const other = new DatabaseSync(foreign)
    other.exec('CREATE TABLE bills (id INTEGER PRIMARY KEY)')
    other.close()
    const newer = newPath()
    sqliteRooms(newer).close()
    const later = new DatabaseSync(newer)
    later.exec('CREATE TABLE head (a); PRAGMA user_version = 2')
    later.close()
    const inFolder = join(folder, 'a-folder')
    mkdirSync(inFolder)
    for (const [path, words] of [
      [join(folder, 'nowhere', 'rooms.db'), /its folder does not exist/],
      [inFolder, /or it is a folder/],
      [noDatabase, /it is no SQLite database/],
      [foreign, /a database of something else/],
      [newer, /written by a newer edge-sse \(format 2\)/],
    ] as const)
      for (let n = 0; n < 2; n++)
        expect(() => sqliteRooms(path)).toThrow(
          expect.objectContaining({ code: 'cannot-open', message: expect.stringMatching(words) }),
        )
    expect(existsSync(join(folder, 'nowhere'))).toBe(false)
  })

  it.each(['', ':memory:', 'file:x?mode=memory', undefined])('is none that is called %j', (path) => {
    expect(() => sqliteRooms(path as string)).toThrow(
      expect.objectContaining({ code: 'invalid-option', field: 'path' }),
    )
  })

  it('is not made for options that are none', () => {
    const path = newPath()
    expect(() => sqliteRooms(path, { budget: 0 })).toThrow(expect.objectContaining({ field: 'budget' }))
    expect(() => sqliteRooms(path, { retention: { age: -1 } })).toThrow(
      expect.objectContaining({ field: 'retention.age' }),
    )
    expect(existsSync(path)).toBe(false)
  })

  it('that was closed sends its readers to reconnect, has stored what was under way, and takes nothing more', async () => {
    const path = newPath()
    const rooms = sqliteRooms(path)
    const ids = await publishMany(rooms.get('a'), 2)
    const reader = await subscribe(rooms.get('a'), '0')
    await reader.untilLive()
    const underWay = [rooms.get('a').publish({ data: 3 }), rooms.get('a').publish({ data: 4 })]
    await arrived()
    rooms.close()
    ids.push(...(await Promise.all(underWay)).map(({ id }) => id))
    expect((await reader.all()).at(-1)).toEqual({ event: 'stream.end', data: '{"reconnect":true}' })
    for (const name of ['a', 'b']) {
      await expect(rooms.get(name).publish({ data: 1 })).rejects.toMatchObject({ code: 'storage-unavailable' })
      await expect(rooms.get(name).info()).rejects.toMatchObject({ code: 'storage-unavailable' })
      const { status } = await rooms.get(name).subscribe(new Request('http://localhost/'))
      expect(status).toBe(503)
    }
    using again = sqliteRooms(path)
    expect(await idsOf(again.get('a'))).toEqual(ids)
  })
})
