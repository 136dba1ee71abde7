/** `npm run start:node`, as a person runs it; `start:deno` and `start:bun` are the same script. */
import process from 'node:process'
import { describe, expect, it } from 'vitest'
import { run } from '../script-run.ts'
import { startsWithModels } from './model-starts.ts'
import { startsWithTokens } from './token-starts.ts'

describe('npm run start:node', () => {
  startsWithTokens(['scripts/start-on.ts', 'node'])
  startsWithModels(['scripts/start-on.ts', 'node'])

  it('listens on no other address by the development secret', async () => {
    const env = { EDGE_SSE_ACCESS: 'jwt', HOST: '0.0.0.0' }
    const { exited, output } = run(process.execPath, ['scripts/start-on.ts', 'node'], { env })
    expect(await exited).toBe(1)
    expect(output.join('')).toMatch(/^Cannot start: HOST is "0.0.0.0".*\n.*EDGE_SSE_JWT_SECRET/)
  })
})
