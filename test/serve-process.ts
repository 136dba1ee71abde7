/** A server in a process of its own, which can be killed at any moment and started again. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import process from 'node:process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

export interface ServerProcess {
  /** `http://127.0.0.1:<port>`, without a slash. */
  readonly url: string
  readonly port: number
  readonly pid: number
  /** What it has written, a line each. */
  readonly logs: string[]
  /** SIGKILL. Resolves when it is gone; what it has stored stays as it is. */
  kill(): Promise<void>
  /** SIGTERM, and SIGKILL to one that still has streams open a second later. */
  close(): Promise<void>
}

export interface ProcessTerms {
  /** What is run, and becomes the server: signals go to that process. */
  command: string[]
  port: number
  /** The descriptor on which it writes a line as soon as it listens. */
  ready: number
  env?: Record<string, string>
  /** Called when it is gone, and when this process ends before. */
  tidy?: () => void
}

/** Milliseconds a server may take to answer, and to leave by itself. */
const PATIENCE = { start: 20_000, leave: 1_000 }

/** Resolves when it listens. */
export async function serveProcess({ command, port, ready, env = {}, tidy }: ProcessTerms): Promise<ServerProcess> {
  const [file = '', ...args] = command
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  const killNow = (): void => void child.kill('SIGKILL')
  const atExit = (): void => {
    killNow()
    tidy?.()
  }
  process.once('exit', atExit)
  const gone = new Promise<void>((done) => child.once('close', () => done())).then(() => {
    process.off('exit', atExit)
    tidy?.()
  })
  const logs: string[] = []
  for (const output of [child.stdout, child.stderr])
    createInterface({ input: output as Readable }).on('line', (line) => logs.push(line))

  const control = createInterface({ input: child.stdio[ready] as Readable })
  const impatient = setTimeout(killNow, PATIENCE.start)
  const listens = await Promise.race([once(control, 'line').then(() => true), gone.then(() => false)])
  clearTimeout(impatient)
  if (!listens) throw new Error(`Cannot start ${file}: it ended or did not listen\n${logs.join('\n')}`)

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal)
    const leaving = setTimeout(killNow, PATIENCE.leave)
    await gone
    clearTimeout(leaving)
  }
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    pid: child.pid as number,
    logs,
    kill: () => end('SIGKILL'),
    close: () => end('SIGTERM'),
  }
}

/**
 * Below the ports that outgoing connections get: while a killed server is away, a client that dials its port could
 * otherwise be given that very port, and hold it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    const probe = createServer().listen(port, '127.0.0.1')
    const free = await once(probe, 'listening').then(
      () => true,
      () => false,
    )
    if (!free) continue
    await new Promise((closed) => probe.close(closed))
    return port
  }
}
