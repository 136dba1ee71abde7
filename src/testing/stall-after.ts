/** A connection that goes silent. */
import { withBody } from './body.ts'
import type { Gate } from './gate.ts'
import { type Place, PlaceFinder } from './place.ts'

/**
 * The same response, silent from a place on, as a network that has died without a word: open, and nothing comes until the
 * gate lets it on. Its source is not asked for more. The gate's docs have an example.
 */
export function stallAfter(response: Response, place: Place, gate: Gate): Response {
  const finder = new PlaceFinder(place)
  let rest: Uint8Array | undefined
  let isOver = false
  return withBody(response, ({ next, left, signal }) => ({
    async next() {
      if (isOver) return next()
      if (finder.isReached) {
        await gate.through(signal)
        isOver = true
        return rest?.length ? rest : next()
      }
      const chunk = await next()
      const before = chunk && finder.before(chunk)
      rest = chunk?.subarray(before)
      return chunk?.subarray(0, before)
    },
    left,
  }))
}
