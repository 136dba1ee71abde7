/** What a process uses, as Linux counts it: https://man7.org/linux/man-pages/man5/proc.5.html */
import { readFileSync } from 'node:fs'

/** Clock ticks a second, and bytes of a page: the same on every Linux this runs on. */
const TICKS = 100
const PAGE = 4096

/** Seconds of CPU it has used, in user and kernel. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}

/** Bytes of memory it has. */
export const residentBytes = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE

/** Bytes that all TCP sockets of the machine hold in the kernel: nobody's memory, and yet needed. */
export const socketBytes = (): number =>
  Number(/^TCP:.* mem (\d+)/m.exec(readFileSync('/proc/net/sockstat', 'utf8'))?.[1]) * PAGE

/**
 * Seconds all cores together have worked, whoever it was for, and how many they were: what the machine beneath this one
 * took away counts as work.
 */
export function machineSeconds(): { busy: number; all: number } {
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, , , stolen = 0] = readFileSync('/proc/stat', 'utf8')
    .slice(0, 200)
    .split('\n', 1)
    .flatMap((line) => line.trim().split(/ +/).slice(1).map(Number))
  const busy = user + nice + system + stolen
  return { busy: busy / TICKS, all: (busy + idle + wait) / TICKS }
}
