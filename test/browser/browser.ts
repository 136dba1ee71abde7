/** Headless Chromium out of an npm package, so that nothing has to be installed or downloaded for these tests. */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import packed from '@sparticuz/chromium'
import { type Browser, chromium } from 'playwright-core'

/** Beside the package it comes from: a new version of the package means a new folder, and so a new unpacking. */
const unpacked = join(import.meta.dirname, '../node_modules/.chromium')

/** The package's arguments are for a cloud function; these four would test a browser that nobody uses. */
const refused = ['--single-process', '--no-zygote', '--disable-web-security', '--allow-running-insecure-content']

/** Chromium asks its maker's servers for news unless told not to; tests talk to loopback only. */
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** The system's fonts and the one the package brings, for a machine that has none. */
const fonts = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include><dir>${unpacked}</dir></fontconfig>
`

/** Starts one browser; every visitor gets a context of their own in it, with storage of their own. */
export async function startBrowser(): Promise<Browser> {
  await unpack()
  const start = (): Promise<Browser> =>
    chromium.launch({
      executablePath: join(unpacked, 'chromium'),
      args: [...packed.args.filter((argument) => !refused.includes(argument)), ...quiet],
      env: { ...process.env, FONTCONFIG_FILE: join(unpacked, 'fonts.conf') },
    })
  // Once in some hundred starts this browser crashes before its first page: nothing of ours was tested yet.
  return start().catch(start)
}

/** Unpacks to a folder of our own and moves it into place, because two test files may start at the same moment. */
async function unpack(): Promise<void> {
  packed.setGraphicsMode = false
  if (existsSync(unpacked)) return
  const own = `${unpacked}-${process.pid}`
  const before = process.env.TMPDIR
  mkdirSync(own, { recursive: true })
  // The package unpacks into the folder for temporary files, and takes what lies there for its own.
  process.env.TMPDIR = own
  try {
    await packed.executablePath()
  } finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  }
  writeFileSync(join(own, 'fonts.conf'), fonts)
  try {
    renameSync(own, unpacked)
  } catch {
    // The other file was first, and its folder is as good as ours.
    rmSync(own, { recursive: true })
  }
}
