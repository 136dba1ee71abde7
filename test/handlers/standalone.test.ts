/** Each handler file is a program by itself: its default export, on rooms of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Standalone } from '../../src/handler.ts'
import ticker from '../../src/handlers/ticker.ts'
import { StreamReader } from '../rooms/stream-reader.ts'
import { freePort } from '../serve-process.ts'

describe('a handler alone', () => {
  it.each(globSync('src/handlers/*.ts'))('%s begins with its request line and answers', async (file) => {
    expect(readFileSync(file, 'utf8')).toMatch(/^\/\/ (GET|POST|DELETE) \//)
    const { default: server }: { default: Standalone } = await import(resolve(file))
    const response = await server.fetch(new Request('http://localhost/rooms/lobby/events'))
    await response.body?.cancel()
    expect(response.status).toBeLessThan(500)
  })
})

it('listens on Bun where HOST says: Bun itself has no option for that', { timeout: 30_000 }, async () => {
  const port = await freePort()
  const args = ['--conditions=edge-sse-source', resolve('src/handlers/ticker.ts')]
  const bun = resolve('scripts/runtimes/node_modules/.bin/bun')
  const server = spawn(bun, args, { env: { ...process.env, HOST: '127.0.0.1', PORT: `${port}` }, stdio: 'pipe' })
  const gone = once(server, 'exit')
  try {
    await once(server.stdout, 'data')
    expect((await fetch(`http://127.0.0.1:${port}/sse`, { method: 'HEAD' })).ok).toBe(true)
    // Who listens everywhere listens here, too.
    await expect(fetch(`http://127.0.0.2:${port}/sse`)).rejects.toThrow()
  } finally {
    server.kill('SIGKILL')
    await gone
  }
})

describe('GET /sse', () => {
  it('counts on from the id a reader comes back with, and from 0 for nonsense', async () => {
    for (const [id, next] of [
      ['41', '42'],
      ['', '1'],
      ['-3', '1'],
      ['x', '1'],
      ['1e400', '1'],
    ] as const) {
      const reader = new StreamReader(
        await ticker.fetch(new Request('http://localhost/sse', { headers: { 'last-event-id': id } })),
      )
      const [message] = await reader.take(1)
      expect(message).toEqual({ id: next, event: 'timestamp', data: expect.stringMatching(/^\d{4}-.*Z$/) })
      await reader.leave()
    }
  })
})
