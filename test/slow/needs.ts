/** Says that a test cannot run here, and why, instead of passing over it in silence. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import process from 'node:process'
import type { TestContext } from 'vitest'

/** What a machine may lack. */
const found = {
  'npm registry': () => spawnSync('npm', ['ping'], { timeout: 20_000 }).status === 0,
  '/proc (memory of processes and sockets)': () => existsSync('/proc/net/sockstat'),
  'way to have 6,000 files open (ulimit -n)': () => openFiles() >= 6_000,
  'network namespaces (root, and ip of iproute2)': () => hasNamespaces(),
  'SIGSTOP (a system of the Unix family)': () => process.platform !== 'win32',
}

function hasNamespaces(): boolean {
  const ip = (verb: string): boolean => spawnSync('ip', ['netns', verb, `edge-sse-probe-${process.pid}`]).status === 0
  return ip('add') && ip('del')
}

/** What a process may open that is started from here. */
function openFiles(): number {
  const { stdout } = spawnSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' })
  return stdout?.trim() === 'unlimited' ? Number.POSITIVE_INFINITY : Number(stdout)
}

export function needs({ skip }: TestContext, ...what: (keyof typeof found)[]): void {
  const missing = what.filter((name) => !found[name]())
  if (missing.length > 0) skip(`there is no ${missing.join(', nor ')}`)
}
