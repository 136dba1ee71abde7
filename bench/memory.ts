/** A memory room beside bare streams and what others offer, on Node, Deno and Bun. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { command, type ProcessRuntime } from '../scripts/runtimes.ts'
import { type Contest, HEAD, NOTES, type Results, runContest } from './contest.ts'
import type { Target } from './load.ts'
import { type Part, progress, type Target as Wanted } from './report.ts'

const WORKLOADS: Contest['workloads'] = {
  'one publisher': { publishers: 1, milliseconds: 1_000 },
  'sixteen publishers': { publishers: 16, milliseconds: 1_000 },
}
/** Writes to the sockets itself. */
const ON_HTTP = 'better-sse on http'
/** What is not on npm: `golang-go` of Debian, or another Go. */
const GO = 'Go net/http'

interface Terms {
  runtime: ProcessRuntime
  name: string
  rivals: string[]
  sizes: Contest['sizes']
  notes: string[]
  /** Sixteen publishers, at least so many times as much as each of these. */
  atLeast: Record<string, number>
  /** KiB for a reader, of 10,000 that get nothing: at most. */
  idle?: number
}

export const benchNode = (): Promise<Part> =>
  benchRuntime({
    runtime: 'node',
    name: 'Node',
    rivals: ['control', 'better-sse', ON_HTTP, 'Hono', 'h3'],
    sizes: [
      { readers: 100, launches: 3, rounds: 2 },
      { readers: 1_000, launches: 7, rounds: 2 },
    ],
    notes: [
      'All on srvx, over `node:http`. better-sse is measured twice: its `Response` carried to the socket by srvx as that of the others, and writing to the socket itself.',
    ],
    atLeast: { 'better-sse': 3, [ON_HTTP]: 3 },
    idle: 20,
  })

export const benchDeno = (): Promise<Part> =>
  benchRuntime({
    runtime: 'deno',
    name: 'Deno',
    rivals: ['control', 'Hono', 'h3', 'better-sse'],
    sizes: [{ readers: 1_000, launches: 3, rounds: 2 }],
    notes: ['All on `Deno.serve`.'],
    atLeast: { Hono: 2 },
  })

export const benchBun = (): Promise<Part> =>
  benchRuntime({
    runtime: 'bun',
    name: 'Bun',
    rivals: ['control', 'Hono', 'h3', 'better-sse', ...(goServer() ? [GO] : [])],
    sizes: [{ readers: 1_000, launches: 3, rounds: 2 }],
    notes: [
      'All on `Bun.serve`.',
      goServer()
        ? 'Go is a small server by hand (`bench/go-server.go`).'
        : `Not measured: ${GO}, because this machine has no \`go\`.`,
    ],
    atLeast: goServer() ? { [GO]: 2 } : {},
    idle: 8,
  })

async function benchRuntime({ runtime, name, rivals, sizes, notes, atLeast, idle }: Terms): Promise<Part> {
  const start = (which: string): (() => Promise<Target>) => {
    return which === GO ? () => listening(goServer() ?? '', [], GO) : () => serveMemory(runtime, which)
  }
  const contestants = Object.fromEntries(['edge-sse', ...rivals].map((which) => [which, start(which)]))
  const results = await runContest({ contestants, sizes, workloads: WORKLOADS }, name)
  const ratio = (other: string, workload: string, readers = 1_000): number =>
    results.ratio('edge-sse', other, readers, workload, 'rate')
  const byLaunch = results.ratios('edge-sse', 'control', 1_000, 'one publisher', 'rate')
  const held = idle === undefined ? undefined : await benchIdle(name, contestants)
  return {
    title: `A memory room on ${name}`,
    notes: [
      'The control is a `TransformStream` for each reader and `controller.enqueue`: no log, no ids, no heartbeat, no bound on slow readers. edge-sse has all of these on.',
      ...notes,
      ...NOTES,
      `One publisher, 1,000 readers, times the control, launch by launch: ${byLaunch.map((each) => each.toFixed(2)).join(', ')}.`,
      results.others(),
    ],
    head: HEAD,
    rows: [...results.rows(), ...(held?.rows() ?? [])],
    targets: [
      {
        what: `1,000 readers on ${name}, one publisher: deliveries, times the control`,
        ratio: ratio('control', 'one publisher'),
        least: 0.9,
      },
      ...(sizes.some(({ readers }) => readers === 100)
        ? [{ what: '… 100 readers', ratio: ratio('control', 'one publisher', 100), least: 0.9 }]
        : []),
      ...rivals.slice(1).map((rival) => ({
        what: `… sixteen publishers, times ${rival}`,
        ratio: ratio(rival, 'sixteen publishers'),
        least: atLeast[rival] ?? 0,
      })),
      ...rivals.slice(1).map((rival) => ({
        what: `… one publisher, times ${rival}`,
        ratio: ratio(rival, 'one publisher'),
        least: 0,
      })),
      ...(held && idle !== undefined ? [idleTarget(name, held, idle)] : []),
    ],
  }
}

/** What readers cost who get nothing. */
const benchIdle = (name: string, contestants: Contest['contestants']): Promise<Results> => {
  const few = Object.fromEntries(
    Object.entries(contestants).filter(([which]) => ['edge-sse', 'control'].includes(which)),
  )
  return runContest({ contestants: few, sizes: [{ readers: IDLE, launches: 1, rounds: 1 }], workloads: {} }, name)
}
const IDLE = 10_000
const idleTarget = (name: string, results: Results, most: number): Wanted => {
  const { held, young } = results.heldBy('edge-sse', IDLE)
  const beside = young > 0 ? `, beside ${young.toFixed(1)} KiB of what V8 keeps for the young` : ''
  return { what: `10,000 idle readers on ${name}: KiB each${beside}`, ratio: held - young, most, unit: ' KiB' }
}

/** What a server's stream begins with, once its reader misses nothing. */
const READY: Record<string, string> = {
  'edge-sse': 'stream.live',
  'better-sse': 'retry:',
  [ON_HTTP]: 'retry:',
}
const streamOf = (name: string): Pick<Target, 'path' | 'ready'> => ({
  path: '/rooms/lobby/events',
  ready: READY[name] ?? ': welcome',
})

/** `flags` are the runtime's. */
export async function serveMemory(runtime: ProcessRuntime, name: string, flags: string[] = []): Promise<Target> {
  const [file, ...args] = command(runtime, name === ON_HTTP ? 'bench/http-server.ts' : 'bench/fetch-server.ts')
  const target = await listening(file, [...flags, ...args, name], name)
  if (runtime !== 'node' || name === ON_HTTP) return target
  const young = async (): Promise<number> =>
    (await fetch(`http://127.0.0.1:${target.port}/young`)).json() as Promise<number>
  return { ...target, young }
}

let built: string | null | undefined
/** The path of the server in Go; null where there is no Go. */
function goServer(): string | null {
  if (built !== undefined) return built
  const path = 'dist/bench/go-server'
  try {
    mkdirSync('dist/bench', { recursive: true })
    execFileSync('go', ['build', '-o', path, 'bench/go-server.go'], { stdio: ['ignore', 'ignore', 'pipe'] })
    built = path
  } catch (error) {
    progress(`${GO} is not measured: ${(error as Error).message.split('\n')[0]}`)
    built = null
  }
  return built
}

async function listening(file: string, args: string[], name: string): Promise<Target> {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const kill = (): void => void child.kill()
  process.once('exit', kill)
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const close = async (): Promise<void> => {
    const gone = once(child, 'exit')
    kill()
    await gone
    process.off('exit', kill)
  }
  return { pid: child.pid as number, port: Number(line.split(' ').at(-1)), close, ...streamOf(name) }
}
