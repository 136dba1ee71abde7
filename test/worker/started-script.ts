/** A script that starts the app, as a person runs it, until the test has finished. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { expect, onTestFinished } from 'vitest'
import { run } from '../script-run.ts'
import { freePort } from '../serve-process.ts'

export interface StartedScript {
  url: string
  /** The process, which leads a group of its own. */
  pid: number
  /** All it has written. */
  said: () => string
}

/** What each of them says once it listens. */
const LISTENS = /publish {3}curl|open to this machine\./

/** `args` are those of Node. Two that share the rooms of `.wrangler` cannot run at the same time. */
export async function startedScript(args: string[], env: Record<string, string>): Promise<StartedScript> {
  const port = await freePort()
  const state = mkdtempSync(join(tmpdir(), 'edge-sse-start-'))
  const { child, output, exited } = run(process.execPath, args, {
    env: { PORT: String(port), EDGE_SSE_DATABASE: join(state, 'rooms.db'), EDGE_SSE_DRAIN: '0', ...env },
    detached: true,
  })
  const pid = child.pid as number
  onTestFinished(async () => {
    process.kill(-pid, 'SIGTERM')
    await exited
    rmSync(state, { recursive: true })
  })
  const said = (): string => output.join('')
  const gone = exited.then((code) => Promise.reject(new Error(`Cannot start: it ended with ${code}\n${said()}`)))
  gone.catch(() => {})
  await Promise.race([gone, expect.poll(said, { timeout: 50_000, interval: 100 }).toMatch(LISTENS)])
  return { url: `http://127.0.0.1:${port}`, pid, said }
}
