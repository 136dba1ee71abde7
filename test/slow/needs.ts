/** Says that a test cannot run here, and why, instead of passing over it in silence. */
import { existsSync } from 'node:fs'
import process from 'node:process'
import type { TestContext } from 'vitest'

/** What a machine may lack. */
const found = {
  '/proc (memory of processes and sockets)': () => existsSync('/proc/net/sockstat'),
  'SIGSTOP (a system of the Unix family)': () => process.platform !== 'win32',
}

export function needs({ skip }: TestContext, ...what: (keyof typeof found)[]): void {
  const missing = what.filter((name) => !found[name]())
  if (missing.length > 0) skip(`there is no ${missing.join(', nor ')}`)
}
