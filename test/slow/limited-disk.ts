/** A process whose files cannot grow beyond a size: to SQLite that is a full disk, for real and without being root. */
import { execFileSync } from 'node:child_process'
import process from 'node:process'
import type { TestContext } from 'vitest'

/** Not run where there is no shell that sets limits, or nothing that lifts them again in a running process. */
export function needsLimits({ skip }: TestContext): void {
  try {
    execFileSync('prlimit', ['--pid', String(process.pid)], { stdio: 'ignore' })
    execFileSync('sh', ['-c', 'ulimit -S -f 100'])
  } catch {
    skip('there is no prlimit (util-linux), or no sh with ulimit')
  }
}

/** As `prefix` of a command: no file of it grows beyond that. A write that would fails (EFBIG), and no signal ends it. */
export const limitedTo = (kibibytes: number): string[] => [
  'sh',
  '-c',
  `trap '' XFSZ; ulimit -S -f ${kibibytes * 2}; exec "$0" "$@"`, // In blocks of 512 bytes.
]

/** Its files may grow again. */
export const liftLimit = (pid: number): void =>
  void execFileSync('prlimit', ['--pid', String(pid), '--fsize=unlimited:'])
