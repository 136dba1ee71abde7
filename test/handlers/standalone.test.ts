/** Each handler file is a program by itself: its default export, on rooms of its own. */
import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Standalone } from '../../src/handler.ts'
import ticker from '../../src/handlers/ticker.ts'
import { StreamReader } from '../rooms/stream-reader.ts'

describe('a handler alone', () => {
  it.each(globSync('src/handlers/*.ts'))('%s begins with its request line and answers', async (file) => {
    expect(readFileSync(file, 'utf8')).toMatch(/^\/\/ (GET|POST|DELETE) \//)
    const { default: server }: { default: Standalone } = await import(resolve(file))
    const response = await server.fetch(new Request('http://localhost/rooms/lobby/events'))
    await response.body?.cancel()
    expect(response.status).toBeLessThan(500)
  })
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
