/** Memory of a server: its own, and what the kernel holds for its sockets. Linux only. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface Memory {
  /** Bytes resident in the process. */
  process: number
  /** Bytes in TCP buffers, both ends, of the whole machine. */
  sockets: number
}

const PAGE = Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' }))

export function memoryOf(pid: number): Memory {
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  const pages = /^TCP:.* mem (\d+)/m.exec(readFileSync('/proc/net/sockstat', 'utf8'))?.[1]
  return { process: Number(resident) * 1_024, sockets: Number(pages) * PAGE }
}

export const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`
