/** Bytes cut into chunks, as a network may cut them: within a character, a line end, a field. */
import { SseError } from '../errors.ts'
import { bytesOf, type Piece } from './piece.ts'

/**
 * Each way to cut in two what is on the wire, from before the first byte to after the last: a chunk may be empty.
 *
 * @example
 * ```ts
 * import { parseMessages } from 'edge-sse'
 * import { splits, streamOf } from 'edge-sse/testing'
 * for (const chunks of splits('data: é\r\n\r\n')) {
 *   const [message] = await Array.fromAsync(parseMessages(streamOf(chunks)))
 *   if (message?.data !== 'é') throw new Error(`Cut after ${chunks[0].length} bytes it is ${message?.data}`)
 * }
 * ```
 */
export function* splits(wire: Piece): Generator<[Uint8Array, Uint8Array], void, undefined> {
  const bytes = bytesOf(wire)
  for (let cut = 0; cut <= bytes.length; cut++) yield [bytes.subarray(0, cut), bytes.subarray(cut)]
}

/** Each byte on its own. */
export const byteByByte = (wire: Piece): Uint8Array[] => chunked(wire, [1])

/** Chunks of these sizes in bytes, over and over until there is nothing left; the last is as long as what is left. */
export function chunked(wire: Piece, sizes: readonly number[]): Uint8Array[] {
  if (sizes.length === 0 || !sizes.every((size) => Number.isSafeInteger(size) && size > 0))
    throw new SseError('invalid-option', 'Cannot cut: `sizes` are not whole numbers above 0', { field: 'sizes' })
  const bytes = bytesOf(wire)
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += chunks.at(-1)?.length ?? 0)
    chunks.push(bytes.subarray(at, at + (sizes[chunks.length % sizes.length] ?? 1)))
  return chunks
}
