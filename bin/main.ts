/** The command line in this process: its streams, its signals, its exit code. */
import process from 'node:process'
import { EXIT, type Terminal } from './command.ts'
import { run } from './run.ts'

const SIGNALS = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated, SIGHUP: 129 } as const

/** Milliseconds to leave a terminal as it was, and to say what was done. */
const GRACE = 300

const stopped = new AbortController()
let stoppedWith: number | undefined

for (const [signal, code] of Object.entries(SIGNALS) as [keyof typeof SIGNALS, number][])
  process.on(signal, () => {
    // What does not end when it is told to is ended by the second.
    if (stoppedWith !== undefined) process.exit(stoppedWith)
    stoppedWith = code
    stopped.abort()
  })

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever reads has enough: `edge-sse … | head`.
  if (error.code === 'EPIPE') process.exit(EXIT.fine)
  process.stderr.write(`Cannot write: ${error.message}\n`, () => process.exit(EXIT.failed))
})
// Nobody is left to be told.
process.stderr.on('error', () => process.exit(EXIT.failed))

/** Resolves a moment after it was told to end: what has more to do by then is not waited for. */
const overdue = new Promise<number>((resolve) =>
  stopped.signal.addEventListener('abort', () => setTimeout(resolve, GRACE, EXIT.failed)),
)

const { stdin, stdout, stderr, env } = process
const io: Terminal = { stdin, stdout, stderr, env, signal: stopped.signal }
const code = await Promise.race([run(process.argv.slice(2), io), overdue])
// What was written goes out before the end, as far as somebody reads it: `process.exit` waits for no pipe.
const written = [stdout, stderr].map((stream) => new Promise<void>((resolve) => stream.write('', () => resolve())))
await Promise.race([Promise.all(written), overdue])
process.exit(stoppedWith ?? code)
