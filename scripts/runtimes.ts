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

const DENO = ['--unstable-no-legacy-abort', '--allow-net', '--allow-read', '--allow-write', '--allow-env', CONDITION]

/** Runs a TypeScript file of this repository, where `edge-sse` is its source. */
export const command = (runtime: ProcessRuntime, file: string): Command =>
  ({
    node: (): Command => [process.execPath, CONDITION, file],
    // With that flag it aborts a request's signal for a reader that left, and not after every answer.
    deno: (): Command => [installed('deno'), 'run', ...DENO, file],
    bun: (): Command => [installed('bun'), CONDITION, file],
  })[runtime]()

/** Serves the default export of a file, on the port in `PORT`: for handlers that were copied. */
export const serveCommand = (runtime: ProcessRuntime, file: string, port: number): Command =>
  ({
    node: (): Command => [
      process.execPath,
      CONDITION,
      resolve('node_modules/srvx/bin/srvx.mjs'),
      'serve',
      '--prod',
      '--host=127.0.0.1',
      `--port=${port}`,
      `--entry=${file}`,
    ],
    deno: (): Command => [installed('deno'), 'serve', ...DENO, '--host=127.0.0.1', `--port=${port}`, file],
    bun: (): Command => [installed('bun'), CONDITION, file],
  })[runtime]()
