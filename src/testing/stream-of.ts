/** Streams of what a test wants to be in them. */
import { bodyFrom } from './body.ts'
import { bytesOf, type Piece } from './piece.ts'

/** A body that hands out each piece as one chunk, when it is asked for it. What `pieces` throws breaks it off. */
export function streamOf(pieces: Iterable<Piece> | AsyncIterable<Piece>): ReadableStream<Uint8Array> {
  const iterator = Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]()
  return bodyFrom({
    async next() {
      const { value, done } = await iterator.next()
      return done ? undefined : bytesOf(value)
    },
    left: () => iterator.return?.(),
  })
}

/**
 * An event stream as a server would answer with it: 200, and the type.
 *
 * @example
 * ```ts
 * import { readMessages, responseOf } from 'edge-sse/testing'
 * const messages = await readMessages(responseOf([': hello\n\n', { id: '1', data: { done: 7 } }]))
 * await messages.expect({ id: '1', data: { done: 7 } })
 * ```
 */
export const responseOf = (pieces: Iterable<Piece> | AsyncIterable<Piece>): Response =>
  new Response(streamOf(pieces), { headers: { 'content-type': 'text/event-stream' } })
