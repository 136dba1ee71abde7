/** A process has nothing left to do once its streams have ended, although nobody told them that they were read. */
import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import process from 'node:process'
import { expect, it } from 'vitest'

/** Less than a stream that has ended looks for its reader, which is a heartbeat or more. */
const PATIENCE = 10_000

const STREAMS = {
  eventStream: `eventStream(request, function* () { yield { data: 'x'.repeat(1_000) } })`,
  textStream: `await textStream(request, function* () { yield 'x'.repeat(1_000) })`,
}

it.each(Object.entries(STREAMS))(
  'a process ends after the %s that it read late',
  (name, made) => {
    const script = `import { ${name} } from ${JSON.stringify(resolve('src/index.ts'))}
    const request = new Request('http://localhost/')
    const response = ${made}
    await new Promise((resolve) => setTimeout(resolve, 50)) // By now it has ended, and waits to be read.
    console.log((await response.text()).includes('x'.repeat(1_000)))`
    const args = ['--input-type=module', '--eval', script]
    expect(execFileSync(process.execPath, args, { timeout: PATIENCE, encoding: 'utf8' })).toBe('true\n')
  },
  20_000,
)
