/** What yields what a stream carries, and how it is read: one item when there is room for it, and none too many. */

import { SseError } from './errors.ts'
import { Leftover } from './response-writer.ts'

type Items<T> = AsyncIterable<T> | Iterable<T>

function iteratorOf<T>(items: Items<T>): AsyncIterator<T> | Iterator<T> {
  // Types do not hold everybody: an `async` function that is no generator returns a promise.
  if (typeof items === 'object' && items !== null) {
    if (Symbol.asyncIterator in items) return items[Symbol.asyncIterator]()
    if (Symbol.iterator in items) return items[Symbol.iterator]()
  }
  throw new SseError(
    'invalid-option',
    'Cannot stream: the source is neither an iterable nor a function that returns one',
    {
      field: 'source',
    },
  )
}

/** Closes an iterator. It never rejects: what its own clean-up throws is nobody's answer any more. */
export const close = (iterator: AsyncIterator<unknown> | Iterator<unknown>): Promise<void> =>
  // In a `then`, because the `return()` of a plain generator throws at once.
  Promise.resolve()
    .then(() => iterator.return?.())
    .then(
      () => {},
      () => {},
    )

/**
 * Hands over each item until `take` says false or `signal` aborts. Then the iterator is closed, also while its `next()`
 * is pending: a generator that waits for something silent would otherwise never reach its `finally`. That may take longer
 * than this, and is left to `cleanUp`. `last` gets what the iterator returned, if anything, when it has ended by itself.
 */
export async function forEach<T>(
  items: Items<T>,
  signal: AbortSignal,
  take: (item: T) => Promise<boolean>,
  last?: (value: T) => Promise<void>,
): Promise<Leftover> {
  const iterator = iteratorOf(items)
  // One slot instead of a race a turn: a race would leave a reaction on the signal's promise for every item.
  let wake = (): void => {}
  signal.addEventListener('abort', () => wake(), { once: true })
  let finished = false
  try {
    while (!finished && !signal.aborted) {
      const next = await new Promise<IteratorResult<T> | undefined>((resolve, reject) => {
        wake = () => resolve(undefined)
        Promise.resolve(iterator.next()).then(resolve, reject)
      }).catch((error: unknown) => {
        finished = true
        throw error
      })
      if (next?.done) {
        finished = true
        if (next.value !== undefined) await last?.(next.value)
      } else if (next && !(await take(next.value))) break
    }
  } catch (error) {
    if (!finished) void close(iterator)
    throw error
  }
  // Not awaited: its `next()` may hang.
  return new Leftover(finished ? Promise.resolve() : close(iterator))
}

/**
 * The same items encoded, of which the first is there already: what fails before it, rejects here. Resolves at once when
 * `signal` aborts, also while the source is silent.
 */
export async function begun<T, Encoded>(
  items: Items<T>,
  encode: (item: T) => Encoded,
  signal: AbortSignal,
): Promise<AsyncIterable<Encoded>> {
  const iterator = iteratorOf(items)
  const next = async (): Promise<IteratorResult<Encoded>> => {
    const result = await iterator.next()
    if (result.done) return { done: true, value: undefined }
    try {
      return { done: false, value: encode(result.value) }
    } catch (error) {
      void close(iterator)
      throw error
    }
  }
  let first: Promise<IteratorResult<Encoded>> | undefined = next()
  await Promise.race([first, new Promise<void>((resolve) => onAbort(signal, resolve))])
  return {
    [Symbol.asyncIterator]: () => ({
      next() {
        const result = first ?? next()
        first = undefined
        return result
      },
      async return() {
        first?.catch(() => {}) // Nobody asked for it, and its reader has left.
        await close(iterator)
        return { done: true, value: undefined }
      },
    }),
  }
}

function onAbort(signal: AbortSignal, call: () => void): void {
  if (signal.aborted) call()
  else signal.addEventListener('abort', call, { once: true })
}
