/** A server that is killed while it is published to, and what its room holds in the end. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freePort, type ServerProcess, serveProcess } from '../serve-process.ts'
import { edgeSse, start } from './edge-sse.ts'

const folderOfTest = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'edge-sse-killed-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

const serve = async (file: string, port: number): Promise<ServerProcess> => {
  const command = [process.execPath, '--conditions=edge-sse-source', resolve('test/bin/keeping-server.ts')]
  const server = await serveProcess({ command, port, ready: 1, env: { FILE: file, PORT: String(port) } })
  onTestFinished(() => server.kill())
  return server
}

const held = async ({ url }: { url: string }): Promise<{ id: string; data: string }[]> =>
  (await fetch(`${url}/`)).json()

/** Asks until the room holds so many. */
async function holds(server: ServerProcess, count: number): Promise<void> {
  while ((await held(server)).length < count);
}

describe('publish to a server that is killed', () => {
  it('publishes 10,000 lines of stdin as 10,000 events, in their order', { timeout: 120_000 }, async () => {
    const file = join(folderOfTest(), 'rooms.db')
    const port = await freePort()
    let server = await serve(file, port)
    const url = `${server.url}/rooms/lobby/events`
    const { child, ended } = start(['publish', url])
    const all = Array.from({ length: 10_000 }, (_, index) => `line ${index + 1}`)
    const write = (from: number, to: number): void => void child.stdin?.write(`${all.slice(from, to).join('\n')}\n`)
    write(0, 3_000)
    for (const next of [3_000, 6_000]) {
      // What is under way when it dies is whatever is: before, while and after it is stored.
      await holds(server, next - 2_500)
      await server.kill()
      write(next, next + 3_000)
      server = await serve(file, port)
    }
    await holds(server, 8_500)
    write(9_000, 10_000)
    child.stdin?.end()
    const { code, err } = await ended
    expect([code, err]).toEqual([0, expect.stringMatching(/^Trying again [\s\S]*\n10,000 events published/)])
    const events = await held(server)
    expect(events.map(({ data }) => data)).toEqual(all)
    expect(events.at(-1)?.id).toMatch(/^10000-/)
  })

  it('under a --key publishes once what is run twice, however slowly it comes the second time', async () => {
    const server = await serve('', await freePort())
    const url = `${server.url}/rooms/lobby/events`
    const words = ['publish', url, '--key', 'orders-1']
    const input = Array.from({ length: 1_500 }, (_, index) => `${index}\n`)
    expect((await edgeSse(words, { input: input.join('') })).code).toBe(0)
    const { child, ended } = start(words)
    for (let from = 0; from < input.length; from += 100) {
      child.stdin?.write(input.slice(from, from + 100).join(''))
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
    child.stdin?.end()
    expect(await ended).toMatchObject({ code: 0, err: expect.stringContaining('1,500 of them by an earlier attempt') })
    expect(await held(server)).toHaveLength(1_500)
  })
})
