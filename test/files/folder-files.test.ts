import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as promises from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { SseError } from '../../src/errors.ts'
import type { StoredFile } from '../../src/files/file-store.ts'
import { folderFiles } from '../../src/files/folder-files.ts'
import { type NodeFs, nodeFs } from '../../src/files/node-fs.ts'
import { bytesOf, fileStoreContract } from './contract.ts'
import { pattern, STORED } from './stored.ts'

const outside = fs.mkdtempSync(join(tmpdir(), 'edge-sse-files-'))
const root = join(outside, 'root')
const write = (name: string, bytes: Uint8Array | string): string => {
  const path = join(root, name)
  fs.mkdirSync(dirname(path), { recursive: true })
  fs.writeFileSync(path, bytes)
  return path
}

beforeAll(() => {
  for (const [name, bytes] of Object.entries(STORED)) write(name, bytes)
  for (const name of ['.env', 'folder/.env', '.git/config', '../secret.txt']) write(name, 'secret')
})
afterAll(() => fs.rmSync(outside, { recursive: true }))

/** As if all files had been there for a while: what was written just now has a tag for each answer. */
const later = (): void => {
  const real = Date.now
  vi.spyOn(Date, 'now').mockImplementation(() => real() + 3_000)
}
beforeEach(later)
afterEach(() => void vi.restoreAllMocks())

const store = folderFiles(root)
const get = async (name: string): Promise<StoredFile> => (await store.get(name)) as StoredFile
const openFiles = (): number =>
  fs.readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${fd}`).startsWith(outside)
    } catch {
      return false
    }
  }).length

describe('nodeFs', () => {
  it('is what Node says it is', () => {
    const real: NodeFs = promises
    expect(nodeFs().open).toBe(real.open)
  })
})

describe('folderFiles', () => {
  fileStoreContract(() => store)

  it('follows links to what it has, and to nothing else', async () => {
    const link = (target: string, name: string): void => fs.symlinkSync(target, join(root, name))
    link('report.csv', 'latest.csv')
    link('folder', 'shelf')
    expect((await get('latest.csv')).size).toBe(8)
    expect((await get('shelf/deep/größe 100%.bin')).size).toBe(300_000)
    link('../secret.txt', 'secret.txt')
    link('/etc/passwd', 'passwd')
    link('..', 'up')
    link('/etc', 'etc')
    link('.env', 'env.txt')
    link('.git', 'git')
    link('loop', 'loop')
    for (const name of ['secret.txt', 'passwd', 'up/secret.txt', 'etc/passwd', 'env.txt', 'git/config', 'loop'])
      expect(await store.get(name), name).toBeUndefined()
  })

  it('is not taken in by a folder beside it whose name begins the same', async () => {
    fs.mkdirSync(`${root}-2`)
    fs.writeFileSync(`${root}-2/x.txt`, 'x')
    fs.symlinkSync('../root-2/x.txt', join(root, 'x.txt'))
    expect(await store.get('x.txt')).toBeUndefined()
  })

  it('does not wait for a pipe', async () => {
    execFileSync('mkfifo', [join(root, 'pipe')])
    expect(await store.get('pipe')).toBeUndefined()
  })

  it('opens the file that was looked at, or none: a link put there meanwhile gains nothing', async () => {
    const path = write('switched.txt', 'public')
    const file = await get('switched.txt')
    fs.rmSync(path)
    fs.symlinkSync('/etc/passwd', path)
    await expect(file.open()).rejects.toThrow(SseError)
    expect(await store.get('switched.txt')).toBeUndefined()
    expect(openFiles()).toBe(0)
  })

  it('looks at what was opened: a link that is gone again when it looks gains nothing', async () => {
    const path = write('racing.txt', 'public')
    const { realpath } = promises
    const real = nodeFs()
    const racing: NodeFs = {
      ...real,
      async open(_path, flags) {
        return real.open('/etc/hostname', flags) // What stood there at that moment.
      },
      realpath,
    }
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue(racing as never)
    expect(await store.get('racing.txt')).toBeUndefined()
    vi.restoreAllMocks()
    expect(fs.readFileSync(path, 'utf8')).toBe('public')
  })

  describe('etag', () => {
    it('changes with every write, also one of the same size whose time was put back', async () => {
      const path = write('tagged.txt', 'aaaa')
      const putBack = (): void => fs.utimesSync(path, 1_700_000_000, 1_700_000_000)
      putBack()
      const tags = [(await get('tagged.txt')).etag]
      const anew = async (): Promise<void> => {
        const { etag } = await get('tagged.txt')
        expect(tags).not.toContain(etag)
        tags.push(etag)
      }
      fs.writeFileSync(path, 'bbbb')
      await anew()
      await new Promise((resolve) => setTimeout(resolve, 10)) // One step of the kernel's clock.
      fs.writeFileSync(path, 'cccc')
      putBack()
      await anew()
      write('tagged.new', 'dddd')
      fs.renameSync(join(root, 'tagged.new'), path)
      await anew()
      fs.appendFileSync(path, 'd')
      await anew()
    })

    it('is used once while a file is so fresh that a further write could bear the same time', async () => {
      write('fresh.txt', 'x')
      vi.restoreAllMocks()
      const file = await get('fresh.txt')
      expect((await get('fresh.txt')).etag).not.toBe(file.etag)
      expect(new TextDecoder().decode(await bytesOf(await file.open()))).toBe('x')
      later()
      expect((await get('fresh.txt')).etag).toBe((await get('fresh.txt')).etag)
    })
  })

  describe('open', () => {
    it('refuses a file that was changed or removed since', async () => {
      const path = write('old.txt', 'old')
      const file = await get('old.txt')
      fs.writeFileSync(path, 'newer')
      await expect(file.open()).rejects.toMatchObject({ code: 'file-changed' })
      fs.rmSync(path)
      await expect(file.open()).rejects.toMatchObject({ code: 'file-changed' })
      expect(openFiles()).toBe(0)
    })

    it.each([
      ['grows', (path: string) => fs.appendFileSync(path, 'x')],
      ['shrinks', (path: string) => fs.truncateSync(path, 100)],
      ['is written over', (path: string) => fs.writeFileSync(path, pattern(300_000))],
    ])('breaks off where the file %s under its reader', async (_, change) => {
      const path = write('moving.bin', pattern(300_000))
      const reader = (await (await get('moving.bin')).open()).getReader()
      await reader.read()
      change(path)
      await expect(
        (async () => {
          while (!(await reader.read()).done);
        })(),
      ).rejects.toMatchObject({ code: 'file-changed' })
      expect(openFiles()).toBe(0)
    })

    it('goes on with the file it has when another one is put in its place', async () => {
      const path = write('replaced.bin', pattern(300_000))
      const stream = await (await get('replaced.bin')).open()
      write('replaced.new', 'other')
      fs.renameSync(join(root, 'replaced.new'), path)
      expect(await bytesOf(stream)).toEqual(pattern(300_000))
      expect(openFiles()).toBe(0)
    })

    it('reads when it is asked, not before, and closes at the end and when its reader leaves', async () => {
      write('paced.bin', pattern(300_000))
      const stream = await (await get('paced.bin')).open()
      expect(openFiles()).toBe(1)
      const reader = stream.getReader()
      await reader.read()
      await reader.cancel()
      await expect.poll(openFiles).toBe(0)
      await bytesOf(await (await get('paced.bin')).open())
      await bytesOf(await (await get('empty')).open())
      expect(openFiles()).toBe(0)
    })
  })
})
