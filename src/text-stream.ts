/** Plain text, as it is written. */
import { type BodySource, bodyStream } from './body-stream.ts'
import { checkPiece, type StreamWriterOptions } from './stream-writer.ts'

/**
 * Streams each string that `source` yields as it is, in UTF-8; also where a character was cut in two between them. The
 * source is asked for its next piece when there is room for it, and told through `signal` when the reader leaves.
 *
 * What fails before the first piece is a problem response; what fails later goes to `onError` and breaks the body off, so
 * that a part never looks like the whole.
 *
 * @example
 * ```ts
 * import { textStream } from 'edge-sse'
 * export default {
 *   fetch: (request: Request): Promise<Response> =>
 *     textStream(request, function* () {
 *       for (let n = 10; n > 0; n--) yield `${n} … `
 *     }),
 * }
 * ```
 */
export const textStream = (
  request: Request,
  source: BodySource<string>,
  options: StreamWriterOptions = {},
): Promise<Response> => bodyStream(request, source, checkPiece, options)
