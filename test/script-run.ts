/** A script of ours in a process of its own, as a person runs it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import process from 'node:process'

export interface Run {
  child: ChildProcess
  /** What it wrote, as it came: both, and each by itself. */
  output: string[]
  stdout: string[]
  stderr: string[]
  /** The code it ends with. */
  exited: Promise<number | null>
}

export interface RunOptions {
  env?: Record<string, string>
  /** In a process group of its own. */
  detached?: boolean
  cwd?: string
}

/** Nothing of this shell that would say how to start is passed on. */
export function run(command: string, args: string[], { env = {}, detached = false, cwd }: RunOptions = {}): Run {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(HOST|PORT|EDGE_SSE_.*|LLM_PROVIDERS)$/.test(name)),
  )
  const child = spawn(command, args, {
    env: { ...inherited, ...env },
    detached,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd && { cwd }),
  })
  const output: string[] = []
  const stdout: string[] = []
  const stderr: string[] = []
  child.stdout.on('data', (chunk) => {
    for (const to of [output, stdout]) to.push(String(chunk))
  })
  child.stderr.on('data', (chunk) => {
    for (const to of [output, stderr]) to.push(String(chunk))
  })
  return { child, output, stdout, stderr, exited: once(child, 'close').then(([code]) => code) }
}

/** What `npm run token` runs, with these words: its code, and what it wrote to stdout and stderr. */
export async function token(
  words: string,
  options: RunOptions = {},
): Promise<{ code: number | null; out: string; err: string }> {
  const args = [resolve('bin/edge-sse.ts'), 'token', ...words.split(' ').filter(Boolean)]
  const { exited, stdout, stderr } = run(process.execPath, args, options)
  const code = await exited
  return { code, out: stdout.join(''), err: stderr.join('') }
}
