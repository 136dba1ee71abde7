/** Guarantee G8: our client notices a server that is gone within 2.5 heartbeats, with a cable that is really pulled. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { command, type ProcessRuntime } from '../../scripts/runtimes.ts'
import { needs } from './needs.ts'
import { otherHost } from './network-namespace.ts'
import { progress } from './progress.ts'
import { until } from './until.ts'

/** Milliseconds. */
const HEARTBEAT = 1_000
/** Milliseconds that a busy machine may need to say what has happened. */
const SLACK = 300

describe.each(['node', 'deno', 'bun'] as ProcessRuntime[])('connect on %s', (runtime) => {
  it('gives a stream up within 2.5 heartbeats of a link going down, and goes on where it was when it is up', async (context) => {
    needs(context, 'network namespaces (root, and ip of iproute2)')
    const host = otherHost()
    const start = (words: string[]) => {
      const [file = '', ...args] = words
      const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] })
      onTestFinished(async () => {
        child.kill('SIGKILL')
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      })
      return createInterface({ input: child.stdout })
    }
    const [port] = await once(
      start([...host.inside, ...command('node', 'test/slow/beating-server.ts'), host.address]),
      'line',
    )
    const said: { phase?: string; id?: string; at: number }[] = []
    start([...command(runtime, 'test/slow/watching-client.ts'), `http://${host.address}:${port}/`]).on('line', (line) =>
      said.push({ ...JSON.parse(line), at: performance.now() }),
    )
    const ids = (): (string | undefined)[] => said.flatMap(({ id }) => (id === undefined ? [] : [id]))
    const state = (): string | undefined => said.findLast(({ phase }) => phase !== undefined)?.phase
    await until('the first messages', () => ids().length === 3)

    // Longer than the client waits for a sign of life: it has been live by heartbeats alone.
    const live = performance.now()
    await until('some heartbeats', () => performance.now() - live > 4 * HEARTBEAT)
    expect(state()).toBe('live')

    const down = performance.now()
    host.link('down')
    await until(
      () => `the client to notice: ${JSON.stringify(said)}`,
      () => state() !== 'live',
    )
    const noticed = said.find(({ phase, at }) => phase === 'stalled' && at > down)?.at ?? Number.NaN
    progress(`${runtime}: noticed after ${((noticed - down) / 1000).toFixed(2)} s of 2.5`)
    expect(noticed - down).toBeLessThan(2.5 * HEARTBEAT + SLACK)

    host.link('up')
    await until('the next messages', () => ids().length === 6, 60_000)
    expect(ids()).toEqual(['1', '2', '3', '4', '5', '6'])
  })
})
