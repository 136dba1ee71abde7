// Bundles the Worker as `wrangler deploy` would, into dist/worker, and says how large it is on the wire.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import process from 'node:process'
import { gzipSync } from 'node:zlib'

/** Kibibytes, gzipped and not minified. A Worker starts faster the smaller it is; checking tokens is 18 of it, models and their answers 15, files and pages in pieces 8. */
const LIMIT = 106

/** Bundles into a folder, from this one or another with such a Worker, and gives the path of the bundle. Throws when the source does not build. */
export function bundle(folder: string, from = '.'): string {
  const wrangler = [
    resolve('node_modules/wrangler/bin/wrangler.js'),
    'deploy',
    '--dry-run',
    '--outdir',
    resolve(folder),
  ]
  execFileSync(process.execPath, wrangler, {
    cwd: from,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true', WRANGLER_LOG: 'error' },
  })
  return `${folder}/workers.js`
}

if (import.meta.main) {
  const file = bundle('dist/worker')
  const size = gzipSync(readFileSync(file), { level: 9 }).byteLength / 1024
  console.log(`${file}: ${size.toFixed(1)} KiB gzipped (at most ${LIMIT})`)
  if (size > LIMIT) process.exit(1)
}
