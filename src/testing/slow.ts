/** A connection that carries little at a time. */
import { checkPositive } from '../options.ts'
import { withBody } from './body.ts'
import type { Gate } from './gate.ts'

export interface SlowOptions {
  /** Bytes of a chunk at most. Defaults to 1. */
  bytes?: number | undefined
  /** Asked before each chunk. Defaults to none: it waits for its reader alone. */
  gate?: Gate | undefined
}

/**
 * The same response in small chunks, each handed out when its reader asks for it and the gate lets it on. Its source is
 * asked for more when all of what it gave is gone: what it does with a slow reader can be seen.
 *
 * @example
 * ```ts
 * import { readMessages, responseOf, slow } from 'edge-sse/testing'
 * const messages = await readMessages(slow(responseOf([{ data: 'é' }]), { bytes: 1 }))
 * await messages.expect({ data: 'é' })
 * ```
 */
export function slow(response: Response, { bytes = 1, gate }: SlowOptions = {}): Response {
  checkPositive('be slow', { bytes })
  let rest: Uint8Array | undefined
  return withBody(response, ({ next, left, signal }) => ({
    async next() {
      while (!rest?.length) {
        rest = await next()
        if (!rest) return undefined
      }
      await gate?.through(signal)
      const chunk = rest.subarray(0, bytes)
      rest = rest.subarray(bytes)
      return chunk
    },
    left,
  }))
}
