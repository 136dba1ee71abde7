/** A memory room on Node beside bare streams and better-sse. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { HEAD, NOTES, runContest } from './contest.ts'
import type { Target } from './load.ts'
import type { Part } from './report.ts'

export async function benchMemory(): Promise<Part> {
  const contest = {
    contestants: {
      'edge-sse': () => serveMemory('edge-sse'),
      control: () => serveMemory('control'),
      'better-sse': () => serveMemory('better-sse'),
      'better-sse on http': () => serveMemory('better-sse on http'),
    },
    sizes: [
      { readers: 100, launches: 3, rounds: 2 },
      { readers: 1_000, launches: 7, rounds: 2 },
    ],
    workloads: {
      'one publisher': { publishers: 1, milliseconds: 1_000 },
      'sixteen publishers': { publishers: 16, milliseconds: 1_000 },
    },
  }
  const results = await runContest(contest, 'memory')
  const ratio = (other: string, workload: keyof typeof contest.workloads, readers = 1_000): number =>
    results.ratio('edge-sse', other, readers, workload, 'rate')
  const byLaunch = results.ratios('edge-sse', 'control', 1_000, 'one publisher', 'rate')
  return {
    title: 'A memory room on Node',
    notes: [
      'All on `node:http`. The control is a `TransformStream` for each reader and `controller.enqueue`: no log, no ids, no bound on slow readers. better-sse is measured twice: its `Response` carried to the socket by the same code as the others, and writing to the socket itself.',
      ...NOTES,
      `One publisher, 1,000 readers, times the control, launch by launch: ${byLaunch.map((each) => each.toFixed(2)).join(', ')}.`,
      results.others(),
    ],
    head: HEAD,
    rows: results.rows(),
    targets: [
      {
        what: '1,000 readers on Node, one publisher: deliveries, times the control',
        ratio: ratio('control', 'one publisher'),
        least: 0.9,
      },
      { what: '… 100 readers', ratio: ratio('control', 'one publisher', 100), least: 0.9 },
      {
        what: '1,000 readers on Node, sixteen publishers: deliveries, times better-sse',
        ratio: ratio('better-sse', 'sixteen publishers'),
        least: 3,
      },
      {
        what: '… times better-sse writing to the socket itself',
        ratio: ratio('better-sse on http', 'sixteen publishers'),
        least: 3,
      },
    ],
  }
}

/** What a server's stream begins with, once its reader misses nothing. */
const READY: Record<string, string> = { 'edge-sse': 'stream.live', control: ': welcome' }

export async function serveMemory(name: string, execArgv: string[] = []): Promise<Target> {
  const child = fork(new URL('memory-server.ts', import.meta.url), [name], { stdio: 'inherit', execArgv })
  const [port] = (await once(child, 'message')) as [number]
  const close = async (): Promise<void> => {
    const gone = once(child, 'exit')
    child.disconnect()
    await gone
  }
  return { pid: child.pid as number, port, path: '/rooms/lobby/events', ready: READY[name] ?? 'retry:', close }
}
