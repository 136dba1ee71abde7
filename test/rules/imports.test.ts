/** Who may import whom: the rule of CONTRIBUTING.md, held against every file of src. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import { describe, expect, it } from 'vitest'

/** Layers by the files in them, and what each may import. The first that fits a file is its layer. */
const layers: Record<string, { files: RegExp; may: string[]; packages: string[] }> = {
  runtimes: {
    files: /^src\/runtimes\//,
    may: ['runtimes', 'backends', 'contract', 'app', 'access', 'files', 'relay', 'contract of files', 'core'],
    packages: ['cloudflare:workers', 'node:fs', 'node:os', 'node:process', 'node:url', 'prom-client', 'srvx/node'],
  },
  app: {
    files: /^src\/(app\.ts|app\/.*|authorize\.ts)$/,
    may: ['app', 'handlers', 'access', 'relay', 'entry', 'core', 'contract', 'contract of files'],
    packages: ['itty-router', 'negotiator'],
  },
  handlers: { files: /^src\/handlers\//, may: [], packages: ['edge-sse', 'edge-sse/relay'] },
  relay: { files: /^src\/relay\//, may: ['relay', 'core', 'contract', 'entry'], packages: [] },
  access: { files: /^src\/access\//, may: ['access', 'core'], packages: ['jose'] },
  testing: { files: /^src\/testing\//, may: ['testing', 'core', 'contract', 'backends'], packages: [] },
  client: { files: /^src\/client(\.ts|\/)/, may: ['client', 'core'], packages: [] },
  entry: {
    files: /^src\/(index|handler|access|cloudflare|files|relay|sqlite|testing)\.ts$/,
    may: ['core', 'access', 'contract', 'contract of files', 'backends', 'files', 'relay', 'testing', 'entry'],
    packages: [],
  },
  backends: {
    files: /^src\/rooms\/(memory|durable-object|durable-rooms|durable-socket|sqlite|sqlite-\w+)\.ts$/,
    may: ['contract', 'core'],
    packages: ['cloudflare:workers', 'node:sqlite'],
  },
  contract: { files: /^src\/rooms\//, may: ['contract', 'core'], packages: [] },
  'contract of files': { files: /^src\/files\/(file-store|changed)\.ts$/, may: ['core'], packages: [] },
  files: { files: /^src\/files\//, may: ['files', 'contract of files', 'core'], packages: [] },
  core: { files: /^src\//, may: ['core', 'contract of files'], packages: [] },
}

/** A backend may be several files. */
const severalFiles = [/^src\/rooms\/durable-/, /^src\/rooms\/sqlite(-\w+)?\.ts$/]

const layerOf = (file: string): string => Object.entries(layers).find(([, { files }]) => files.test(file))?.[0] ?? ''

const importsOf = (file: string): string[] =>
  // Examples in comments import things too.
  [
    ...readFileSync(file, 'utf8')
      .replaceAll(/\/\*[\s\S]*?\*\//g, '')
      .matchAll(/^(?:import|export)\b[^'"]*?from '([^']+)'|^import '([^']+)'/gm),
  ].map(([, from, bare]) => from ?? bare ?? '')

describe('the import rule', () => {
  const files = globSync('src/**/*.ts').map((file) => file.replaceAll('\\', '/'))

  it('finds the files', () => {
    expect(files).toContain('src/rooms/durable-object.ts')
    expect(importsOf('src/app.ts')).toContain('itty-router')
  })

  it.each(files)('holds for %s', (file) => {
    const layer = layers[layerOf(file)]
    for (const specifier of importsOf(file)) {
      if (!specifier.startsWith('.')) {
        expect(layer?.packages, `${file} imports ${specifier}`).toContain(specifier)
        continue
      }
      const target = join(dirname(file), specifier)
      if (severalFiles.some((backend) => backend.test(file) && backend.test(target))) continue
      expect(layer?.may, `${file} imports ${target}`).toContain(layerOf(target))
    }
  })

  it('has cloudflare:workers in one backend and one runtime alone', () => {
    expect(files.filter((file) => importsOf(file).includes('cloudflare:workers'))).toEqual([
      'src/rooms/durable-object.ts',
    ])
  })

  it('has node:sqlite in one backend alone', () => {
    const users = files.filter((file) => importsOf(file).includes('node:sqlite'))
    expect(users).toEqual(['src/rooms/sqlite-database.ts', 'src/rooms/sqlite-file.ts'])
  })
})

describe('the command line', () => {
  const files = globSync('bin/**/*.ts').map((file) => file.replaceAll('\\', '/'))

  it.each(files)('%s imports its own files, Node, and packages by their names', (file) => {
    for (const specifier of importsOf(file))
      if (specifier.startsWith('.')) expect(join(dirname(file), specifier)).toMatch(/^bin\//)
      else expect(specifier).toMatch(/^(node:[a-z/_]+|jose|edge-sse(\/.+)?)$/)
  })

  it('loads no command before it is asked for', () => {
    expect(importsOf('bin/commands.ts')).toEqual(['./command.ts'])
    // Older ones could not even link the rest, to say so.
    expect(importsOf('bin/edge-sse.ts')).toEqual(['node:process'])
  })
})
