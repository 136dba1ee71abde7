// How the app is started on each runtime that runs it in a process of its own: the command before its arguments.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import process from 'node:process'

const CONDITION = '--conditions=edge-sse-source'
const installed = (name: string): string => {
  const path = resolve('scripts/runtimes/node_modules', name === 'bun' ? 'bun/bin/bun.exe' : 'deno/deno')
  return existsSync(path) ? path : name
}

export type ProcessRuntime = 'node' | 'deno' | 'bun'

type Command = [file: string, ...args: string[]]

const DENO = [
  '--unstable-no-legacy-abort',
  '--allow-net',
  '--allow-read',
  '--allow-write',
  '--allow-env',
  '--allow-sys=systemMemoryInfo',
]

/** Runs a TypeScript file of this repository, where `edge-sse` is its source. */
export const command = (runtime: ProcessRuntime, file: string): Command =>
  ({
    node: (): Command => [process.execPath, CONDITION, file],
    // With that flag it aborts a request's signal for a reader that left, and not after every answer.
    deno: (): Command => [installed('deno'), 'run', ...DENO, CONDITION, file],
    bun: (): Command => [installed('bun'), CONDITION, file],
  })[runtime]()

/** Serves the default export of a file, on that port: for handlers that were copied. */
export const serveCommand = (runtime: ProcessRuntime, file: string, port: number): Command =>
  served(runtime, file, port, '.', [CONDITION])

/** The same where `edge-sse` and srvx were installed: as a user's project does it, which knows nothing of this source. */
export const serveInstalled = (runtime: ProcessRuntime, file: string, port: number, project: string): Command =>
  served(runtime, file, port, project, [])

const served = (runtime: ProcessRuntime, file: string, port: number, project: string, conditions: string[]): Command =>
  ({
    node: (): Command => [
      process.execPath,
      ...conditions,
      resolve(project, 'node_modules/srvx/bin/srvx.mjs'),
      'serve',
      '--prod',
      '--host=127.0.0.1',
      `--port=${port}`,
      `--entry=${file}`,
    ],
    deno: (): Command => [
      installed('deno'),
      'serve',
      ...DENO,
      ...conditions,
      '--host=127.0.0.1',
      `--port=${port}`,
      file,
    ],
    // Bun takes its port from the environment.
    bun: (): Command => [installed('bun'), ...conditions, file],
  })[runtime]()
