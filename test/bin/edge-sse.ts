/** The command line as a person runs it: through pipes, or at a terminal. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import process from 'node:process'
import { onTestFinished } from 'vitest'

export interface RunTerms {
  /** Nothing of this shell is passed on but PATH and HOME. */
  env?: Record<string, string>
  cwd?: string
  /** All of stdin. Defaults to nothing. */
  input?: string
}

export interface Ended {
  code: number | null
  out: string
  err: string
}

export const EDGE_SSE: string[] = [process.execPath, '--conditions=edge-sse-source', resolve('bin/edge-sse.ts')]

export const environment = (env: Record<string, string> = {}): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  HOME: process.env.HOME ?? '',
  TERM: 'xterm-256color',
  ...env,
})

export interface Started {
  child: ChildProcess
  /** What it has written so far. */
  out(): string
  err(): string
  ended: Promise<Ended>
}

/** Starts it with pipes; stdin is the caller's to write and to end. */
export function start(words: string[], { env, cwd }: Omit<RunTerms, 'input'> = {}): Started {
  const [file = '', ...args] = EDGE_SSE
  const child = spawn(file, [...args, ...words], { env: environment(env), cwd })
  const text = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text.out += piece
  })
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    text.err += piece
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  // It may end before it has read all.
  child.stdin.on('error', () => {})
  const ended = once(child, 'close').then(([code]) => ({ code, ...text }))
  return { child, out: () => text.out, err: () => text.err, ended }
}

export function edgeSse(words: string[], { input = '', ...terms }: RunTerms = {}): Promise<Ended> {
  const { child, ended } = start(words, terms)
  child.stdin?.end(input)
  return ended
}
