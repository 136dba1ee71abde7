// Bundles the Worker as `wrangler deploy` would, into dist/worker, and says how large it is on the wire.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { gzipSync } from 'node:zlib'

/** Kibibytes, gzipped. A Worker starts faster the smaller it is, and this one has nothing to hide. */
const LIMIT = 40

execFileSync(
  process.execPath,
  ['node_modules/wrangler/bin/wrangler.js', 'deploy', '--dry-run', '--outdir', 'dist/worker'],
  {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true', WRANGLER_LOG: 'error' },
  },
)
const size = gzipSync(readFileSync('dist/worker/workers.js'), { level: 9 }).byteLength / 1024
console.log(`dist/worker/workers.js: ${size.toFixed(1)} KiB gzipped (at most ${LIMIT})`)
if (size > LIMIT) process.exit(1)
