// How large each entry of the package is once it is bundled, minified and gzipped, with what it imports.
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { gzipSync } from 'node:zlib'
import { buildSync, type StdinOptions } from 'esbuild'

/** Kibibytes, a little above what they are: what grows is noticed, and was either wanted or not. */
const LIMITS: Record<string, number> = {
  'edge-sse': 29,
  'edge-sse/access': 16,
  'edge-sse/client': 4,
  'edge-sse/client/event-source': 5,
  'edge-sse/client/share': 6,
  'edge-sse/cloudflare': 25,
  'edge-sse/files': 2,
  'edge-sse/relay': 22,
  'edge-sse/sqlite': 24,
  'edge-sse/testing': 27,
}
/** A handler with all it needs, rooms in memory included: what a Worker made of it alone weighs. */
const HANDLER = 34
/** What the README's first example imports, for who needs no rooms: an entry may be large, but only who uses it pays. */
const FIRST = { code: "export { eventStream, interval } from './dist/index.js'", limit: 5 }

/** The entries of package.json with the files that hold them. */
export function entries(): { name: string; file: string }[] {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    exports: Record<string, { default: string }>
  }
  return Object.entries(exports).flatMap(([path, { default: file }]) =>
    globSync(file)
      .sort()
      .map((found) => ({ name: `edge-sse${path.slice(1)}`.replace('*', basename(found, '.js')), file: found })),
  )
}

/** Prints them, and says whether all are within their limits. */
export function printSizes(): boolean {
  const sized = [
    { name: '{ eventStream, interval }', limit: FIRST.limit, size: sizeOf({ contents: FIRST.code, resolveDir: '.' }) },
    ...entries().map(({ name, file }) => ({ name, limit: LIMITS[name] ?? HANDLER, size: sizeOf(file) })),
  ]
  for (const { name, limit, size } of sized)
    console.log(`${name.padEnd(36)} ${size.toFixed(1).padStart(5)} KiB gzipped (at most ${limit})`)
  const good = sized.every(({ limit, size }) => size <= limit)
  if (!good) console.error('Cannot build: an entry is larger than it may be, see scripts/sizes.ts')
  return good
}

function sizeOf(source: string | StdinOptions): number {
  const { outputFiles } = buildSync({
    ...(typeof source === 'string' ? { entryPoints: [source] } : { stdin: source }),
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2024',
    external: ['node:*', 'cloudflare:*'],
    write: false,
    logLevel: 'error',
  })
  return gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).byteLength / 1024
}
