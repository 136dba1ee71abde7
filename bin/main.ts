/** The command line in this process: its streams, its signals, its exit code. */
import process from 'node:process'
import { EXIT } from './command.ts'
import { run } from './run.ts'

const SIGNALS = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated, SIGHUP: 129 } as const

const stopped = new AbortController()
let stoppedWith: number | undefined

for (const [signal, code] of Object.entries(SIGNALS) as [keyof typeof SIGNALS, number][])
  process.on(signal, () => {
    // What does not end when it is told to is ended by the second.
    if (stoppedWith !== undefined) process.exit(stoppedWith)
    stoppedWith = code
    stopped.abort()
  })

// Whoever reads has enough: `edge-sse … | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? EXIT.fine : EXIT.failed),
)
// Nobody is left to be told.
process.stderr.on('error', () => process.exit(EXIT.failed))

const { stdin, stdout, stderr, env } = process
const code = await run(process.argv.slice(2), { stdin, stdout, stderr, env, signal: stopped.signal })
// What was written goes out before the end: pipes are asynchronous, and `process.exit` waits for none of them.
await Promise.all([stdout, stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))))
process.exit(stoppedWith ?? code)
