import { describe, expect, it } from 'vitest'
import { merged } from '../../src/relay/merged.ts'

/** Pieces that come when they are let. */
function source() {
  const steps: PromiseWithResolvers<string | undefined>[] = Array.from({ length: 6 }, () => Promise.withResolvers())
  let closed = false
  async function* pieces(): AsyncGenerator<string> {
    try {
      for (const { promise } of steps) {
        const piece = await promise
        if (piece === undefined) return
        yield piece
      }
    } finally {
      closed = true
    }
  }
  return { steps, pieces: pieces(), isClosed: () => closed }
}
const NEVER = 600_000

describe('merged', () => {
  it('gives the first piece at once, and what comes soon after together', async () => {
    const { steps, pieces } = source()
    const text = merged(pieces, NEVER)
    steps[0]?.resolve('a')
    expect(await text.next()).toEqual({ done: false, value: 'a' })
    const next = text.next()
    for (const [index, piece] of ['b', 'c', 'd'].entries()) steps[index + 1]?.resolve(piece)
    steps[4]?.resolve(undefined)
    expect(await next).toEqual({ done: false, value: 'bcd' })
    expect((await text.next()).done).toBe(true)
  })

  it('gives what there is when the time is over, and goes on', async () => {
    const { steps, pieces } = source()
    const text = merged(pieces, 1)
    for (const [index, piece] of ['a', 'b', 'c'].entries()) {
      steps[index]?.resolve(piece)
      expect(await text.next()).toEqual({ done: false, value: piece })
    }
  })

  it('fails after what came before, and closes what it reads', async () => {
    const { steps, pieces, isClosed } = source()
    const text = merged(pieces, NEVER)
    steps[0]?.resolve('a')
    await text.next()
    steps[1]?.resolve('b')
    steps[2]?.reject(new Error('broken'))
    expect(await text.next()).toEqual({ done: false, value: 'b' })
    await expect(text.next()).rejects.toThrow('broken')
    expect(isClosed()).toBe(true)
    const left = source()
    const read = merged(left.pieces, NEVER)
    left.steps[0]?.resolve('a')
    await read.next()
    await read.return()
    left.steps[1]?.resolve('b')
    await expect.poll(left.isClosed).toBe(true)
  })
})
