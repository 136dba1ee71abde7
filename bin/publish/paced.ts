/** An input with its pauses: who gathers what comes knows when there is no more for now. */
import { setTimeout as sleep } from 'node:timers/promises'

export const PAUSED: unique symbol = Symbol('paused')

/** What `input` yields, and `PAUSED` once it has yielded nothing for so many milliseconds; without them never. */
export async function* paced<Chunk>(
  input: AsyncIterable<Chunk>,
  pause: number | undefined,
): AsyncGenerator<Chunk | typeof PAUSED> {
  const chunks = input[Symbol.asyncIterator]()
  for (;;) {
    const next = chunks.next()
    next.catch(() => {}) // It may fail while what came before is on its way; it is awaited after that.
    if (pause !== undefined && (await isLate(next, pause))) yield PAUSED
    const chunk = await next
    if (chunk.done) return
    yield chunk.value
  }
}

async function isLate(next: Promise<unknown>, pause: number): Promise<boolean> {
  const settled = new AbortController()
  const late = sleep(pause, true, { signal: settled.signal }).catch(() => false)
  const come = next.then(
    () => false,
    () => false,
  )
  try {
    return await Promise.race([come, late])
  } finally {
    settled.abort()
  }
}
