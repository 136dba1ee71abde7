/** A connection that breaks. */
import { withBody } from './body.ts'
import { type Place, PlaceFinder } from './place.ts'

export interface CutOptions {
  /**
   * `error`: the body breaks off, as when a connection is reset. `end`: it ends, as if that were all; proxies do that.
   * Defaults to `error`.
   */
  as?: 'error' | 'end' | undefined
}

/**
 * The same response, cut at a place: its reader gets all bytes before it, its source is told that the reader has left.
 *
 * @example
 * ```ts
 * import { cutAfter, readMessages, responseOf } from 'edge-sse/testing'
 * const answer = responseOf([{ id: '1', data: 'a' }, { id: '2', data: 'b' }])
 * const messages = await readMessages(cutAfter(answer, { messages: 1 }))
 * await messages.expect({ data: 'a' })
 * await messages.expectCut()
 * console.log(messages.lastEventId) // 1
 * ```
 */
export function cutAfter(response: Response, place: Place, { as = 'error' }: CutOptions = {}): Response {
  const finder = new PlaceFinder(place)
  return withBody(response, ({ next, left }) => ({
    async next() {
      const chunk = finder.isReached ? undefined : await next()
      if (chunk && !finder.isReached) return chunk.subarray(0, finder.before(chunk))
      if (!finder.isReached) return undefined
      const broken = new TypeError('The connection was cut by the test')
      void left(broken).catch(() => {}) // What its source makes of that is its own concern.
      if (as === 'error') throw broken
      return undefined
    },
    left,
  }))
}
