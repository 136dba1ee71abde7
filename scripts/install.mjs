// Installs what is missing, and nothing when all is there: the commands of package.json run this first.
// Plain JavaScript, because it runs on whatever Node started npm (20 or later). A folder as argument: its package.json.
import { execSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const name = process.argv[2] ?? ''
const folder = fileURLToPath(new URL(`../${name}`, import.meta.url))

const WHAT = {
  '': 'what edge-sse needs, Node 24 included',
  test: 'what the tests need: a browser, readers of streams, checkers of packages',
  bench: 'what the bench compares with',
  'scripts/runtimes': 'Deno and Bun',
}

const packages = (file) => {
  try {
    return JSON.parse(readFileSync(join(folder, file), 'utf8')).packages
  } catch {
    return {}
  }
}

/** True when node_modules holds what the lockfile asks for; packages for other platforms may be absent. */
function isInstalled() {
  const wanted = Object.entries(packages('package-lock.json')).filter(([path]) => path !== '')
  const found = packages('node_modules/.package-lock.json')
  return wanted.every(([path, { version, optional }]) =>
    found[path] ? found[path].version === version && existsSync(join(folder, path)) : optional,
  )
}

if (!isInstalled()) {
  console.error(`Installing ${WHAT[name]} (once, about half a minute) …`)
  try {
    // To stderr, whatever it says: what a script writes to stdout may be taken up by another.
    execSync('npm ci --no-audit --no-fund --loglevel=error', { cwd: folder, stdio: ['inherit', 2, 2] })
  } catch {
    console.error('\nCannot install: npm ci failed, see above. It needs the npm registry this once; then try again.')
    process.exit(1)
  }
}
