/** How the client comes among the pages: by whatever runs wrangler, or by itself. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bundle } from '../../scripts/bundle.ts'
import { clientBundle } from '../../scripts/client-bundle.ts'

function emptyFolder(below: string): string {
  mkdirSync(below, { recursive: true })
  const folder = mkdtempSync(join(below, 'client-bundle-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

const names = (folder: string): string[] => readdirSync(folder).filter((name) => !name.startsWith('common-'))

describe('clientBundle', () => {
  it('writes what is not there, leaves what is, and removes what nobody imports any more', () => {
    const folder = emptyFolder(tmpdir())
    clientBundle(folder)
    expect(names(folder)).toEqual(['client.js', 'event-source.js', 'share.js'])
    const before = readdirSync(folder)
    writeFileSync(join(folder, 'common-OLD.js'), '')
    writeFileSync(join(folder, 'share.js'), '')
    const inode = (name: string): number => statSync(join(folder, name)).ino
    const [client, share] = [inode('client.js'), inode('share.js')]
    clientBundle(folder)
    expect(readdirSync(folder)).toEqual(before)
    expect([inode('client.js') === client, inode('share.js') === share]).toEqual([true, false])
    expect(statSync(join(folder, 'share.js')).size).toBeGreaterThan(0)
  })
})

describe('wrangler', () => {
  it('bundles the client before it takes the pages, as wrangler.toml says', () => {
    const folder = emptyFolder(resolve('test/output'))
    for (const name of ['src', 'package.json', 'wrangler.toml', 'scripts/client-bundle.ts'])
      cpSync(name, join(folder, name), { recursive: true })
    mkdirSync(join(folder, 'demo'))
    bundle(join(folder, 'dist'), folder)
    expect(names(join(folder, 'demo/client'))).toEqual(['client.js', 'event-source.js', 'share.js'])
  })
})
