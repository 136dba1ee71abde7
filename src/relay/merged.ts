/** Text in fewer pieces: what comes shortly after another piece comes with it. */
import { sleep } from '../interval.ts'
import { close } from '../source.ts'

/**
 * The same text: the first piece at once, later ones with what came within so many milliseconds. What fails, fails after what
 * came before it.
 */
export async function* merged(pieces: AsyncIterable<string>, milliseconds: number): AsyncGenerator<string, void> {
  const iterator = pieces[Symbol.asyncIterator]()
  let next = iterator.next()
  let pause: Promise<void> = Promise.resolve()
  try {
    for (let first = await next; !first.done; first = await next) {
      let text = first.value
      next = iterator.next()
      // Where it failed or has ended, that is seen when this was given.
      const more = async (): Promise<string | undefined> => {
        const piece = await Promise.race([next, pause]).catch(() => undefined)
        return piece?.done === false ? piece.value : undefined
      }
      for (let piece = await more(); piece !== undefined; piece = await more()) {
        text += piece
        next = iterator.next()
      }
      yield text
      pause = sleep(milliseconds)
    }
  } finally {
    next.catch(() => {}) // Nobody waits for it any more.
    void close(iterator) // Not awaited: its `next()` may hang.
  }
}
