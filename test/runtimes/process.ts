/** The app as a process of its own, as `npm run start:node` and its like start it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { command, type ProcessRuntime, serveCommand, serveInstalled } from '../../scripts/runtimes.ts'
import type { Server } from './runtime.ts'

export interface ProcessServer extends Server {
  readonly pid: number
  /** Its exit code, once it is gone. */
  readonly gone: Promise<number | null>
}

/** Milliseconds it may take to listen. */
const PATIENCE = 20_000

/** The app, its rooms in a file that goes when it does. `app` is a folder that this repository was copied to. */
export async function launchProcess(
  runtime: ProcessRuntime,
  vars: Record<string, string>,
  app?: string,
): Promise<ProcessServer> {
  const folder = mkdtempSync(join(tmpdir(), 'edge-sse-'))
  const all = { EDGE_SSE_DATABASE: join(folder, 'rooms.db'), ...vars }
  const server = await start(
    runtime,
    command(runtime, `src/runtimes/${runtime}.ts`),
    all,
    /^edge-sse is on (\S+)$/,
    app,
  )
  void server.gone.then(() => rmSync(folder, { recursive: true }))
  return server
}

const LISTENING = /(?:Listening on:?|Started .* server:) (http:\S+?)\/?$/i

/** A file whose default export is a program, as its user starts it. */
export const launchHandler = (runtime: ProcessRuntime, file: string): Promise<ProcessServer> =>
  start(runtime, serveCommand(runtime, file, 0), {}, LISTENING)

/** The same in a project of its own, where the package was installed. */
export const launchInstalled = (runtime: ProcessRuntime, file: string, project: string): Promise<ProcessServer> =>
  start(runtime, serveInstalled(runtime, file, 0, project), {}, LISTENING, project)

async function start(
  runtime: ProcessRuntime,
  [file, ...args]: [file: string, ...args: string[]],
  vars: Record<string, string>,
  banner: RegExp,
  cwd = '.',
): Promise<ProcessServer> {
  const child = spawn(file, args, {
    cwd,
    env: { PATH: process.env.PATH, NO_COLOR: '1', PORT: '0', EDGE_SSE_DRAIN: '0', ...vars },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const gone = once(child, 'exit').then(([code]) => {
    process.off('exit', kill)
    return code as number | null
  })
  const logs: string[] = []
  const listening = Promise.withResolvers<string>()
  for (const output of [child.stdout, child.stderr])
    createInterface({ input: output }).on('line', (line) => {
      const [, url] = banner.exec(line) ?? []
      if (url) listening.resolve(url)
      else logs.push(line)
    })
  const impatient = setTimeout(kill, PATIENCE)
  const url = await Promise.race([listening.promise, gone])
  clearTimeout(impatient)
  if (typeof url !== 'string')
    throw new Error(`Cannot start ${runtime}: it ended or did not listen\n${logs.join('\n')}`)
  return {
    url,
    port: Number(new URL(url).port),
    logs,
    pid: child.pid as number,
    gone,
    async close() {
      child.kill('SIGTERM')
      await gone
    },
  }
}
