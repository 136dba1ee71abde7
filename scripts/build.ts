// `npm run build`: dist/, which is what the package holds: ES modules and declarations of what its entries reach, and
// the command line. The app and its runtimes are not in it: they are deployed from this repository, and would bring
// their packages along.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { printSizes } from './sizes.ts'

/** Of `scripts/bundle.ts`, which may be in use while this runs. */
const KEPT = 'worker'

// What was built from a file that is gone would be published with the rest.
if (existsSync('dist'))
  for (const name of readdirSync('dist'))
    if (name !== KEPT) rmSync(join('dist', name), { recursive: true, force: true })

const compile = (...args: string[]): Buffer =>
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', ...args], { stdio: 'inherit' })

compile('-p', 'tsconfig.build.json')
// The command line imports the package by its name, and is checked here against what was built of it.
compile(
  '-p',
  'tsconfig.bin.json',
  '--customConditions',
  'null',
  '--noEmit',
  'false',
  '--rootDir',
  'bin',
  '--outDir',
  'dist/bin',
)
if (!printSizes()) process.exit(1)
