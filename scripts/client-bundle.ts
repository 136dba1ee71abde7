// Bundles edge-sse/client for the pages, which have no bundler of their own, into demo/client: `client.js`, `share.js`,
// `event-source.js`, and what they have in common. Whoever runs wrangler runs it (`[build]` in wrangler.toml).
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import process from 'node:process'
import { buildSync } from 'esbuild'

const root = join(import.meta.dirname, '..')

/** Throws when the source does not build. Writes what has changed and nothing else: somebody may be reading the rest. */
export function clientBundle(folder: string = join(root, 'demo/client')): void {
  const { outputFiles } = buildSync({
    absWorkingDir: root,
    entryPoints: ['src/client.ts', 'src/client/share.ts', 'src/client/event-source.ts'],
    entryNames: '[name]',
    chunkNames: 'common-[hash]',
    outdir: folder,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    target: 'es2024',
    write: false,
    logLevel: 'error',
  })
  mkdirSync(folder, { recursive: true })
  const files = new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]))
  // What an entry imports is there before the entry, and what it imported goes after it.
  const isCommon = (name: string): number => Number(name.startsWith('common-'))
  for (const [name, contents] of [...files].sort(([a], [b]) => isCommon(b) - isCommon(a)))
    if (!isThere(join(folder, name), contents)) replace(join(folder, name), contents)
  for (const name of readdirSync(folder))
    if (name.endsWith('.js') && !files.has(name)) rmSync(join(folder, name), { force: true })
}

function isThere(path: string, contents: Uint8Array): boolean {
  try {
    return readFileSync(path).equals(contents)
  } catch {
    return false
  }
}

/** In one step: nobody reads half a file. */
function replace(path: string, contents: Uint8Array): void {
  const own = `${path}.${process.pid}`
  writeFileSync(own, contents)
  renameSync(own, path)
}

if (import.meta.main) clientBundle()
