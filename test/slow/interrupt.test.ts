/** Ctrl+C at a terminal: `listen` is gone before a person notices, and has printed nothing by halves. */
import { describe, expect, it } from 'vitest'
import { scriptedServer, stream } from '../bin/scripted-server.ts'
import { atTerminal } from '../bin/terminal.ts'
import { progress } from './progress.ts'

/** Milliseconds. */
const MOST = 100
const TIMES = 20

describe('listen', () => {
  it(`ends within ${MOST} ms of Ctrl+C, with 130`, async () => {
    const server = await scriptedServer(() => stream('id: 1\ndata: one\n\n'))
    const took: number[] = []
    for (let time = 0; time < TIMES; time++) {
      const terminal = atTerminal(['listen', server.url])
      await terminal.seen('one')
      const pressed = performance.now()
      terminal.type('\x03')
      expect(await terminal.code).toBe(130)
      took.push(performance.now() - pressed)
    }
    progress(`from Ctrl+C to the end: ${Math.max(...took).toFixed(0)} ms at most, ${TIMES} times`)
    expect(Math.max(...took)).toBeLessThan(MOST)
  })
})
