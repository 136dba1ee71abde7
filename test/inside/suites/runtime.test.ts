import process from 'node:process'
import { expect, it } from 'vitest'

it('is the one that was asked for, and not Node in its place', () => {
  const found = 'Deno' in globalThis ? 'deno' : 'Bun' in globalThis ? 'bun' : 'node'
  expect(found).toBe(process.env.EDGE_SSE_RUNTIME)
})
