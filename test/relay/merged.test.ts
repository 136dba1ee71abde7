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

  it('is left without a word of what closing it fails of', async () => {
    const rest = Promise.withResolvers<void>()
    const closing = { generator: Promise.withResolvers<void>(), iterator: Promise.withResolvers<void>() }
    async function* generator(): AsyncGenerator<string> {
      try {
        yield 'a'
        await rest.promise
        yield 'b'
      } finally {
        closing.generator.resolve()
        await Promise.reject(new Error('it did not close'))
      }
    }
    const results = [{ done: false, value: 'a' } as const, new Promise<never>(() => {})]
    const iterator = {
      next: async () => results.shift() as IteratorResult<string>,
      return() {
        closing.iterator.resolve()
        throw new Error('it did not close')
      },
    }
    const unhandled: unknown[] = []
    const note = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', note)
    for (const pieces of [generator(), { [Symbol.asyncIterator]: () => iterator }]) {
      const read = merged(pieces, NEVER)
      await read.next()
      expect(await read.return()).toEqual({ done: true, value: undefined })
    }
    rest.resolve()
    await Promise.all([closing.generator.promise, closing.iterator.promise])
    // It is told of once the microtasks are done.
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })
})
