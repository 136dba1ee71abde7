/** A source as a body: what text, lines, pages and files have in common. */
import { problemResponse } from './problem.ts'
import { begun, forEach } from './source.ts'
import { StreamWriter, type StreamWriterOptions } from './stream-writer.ts'

/** What a source function is given. */
export interface BodySourceContext {
  request: Request
  /** Aborts when the reader has left. A source that waits must wait on things that take it. */
  signal: AbortSignal
}

/** Yields the pieces of a body: an iterable, or a function that returns one (a generator). */
export type BodySource<T> =
  | AsyncIterable<T>
  | Iterable<T>
  | ((context: BodySourceContext) => AsyncIterable<T> | Iterable<T>)

/**
 * Streams each piece as it comes; the source is not asked for a HEAD request. What fails before the first piece is a
 * problem response; what fails later is the writer's to say.
 */
export async function bodyStream<T>(
  request: Request,
  source: BodySource<T>,
  encode: (piece: T) => string | Uint8Array,
  options: StreamWriterOptions = {},
  Writer: typeof StreamWriter = StreamWriter,
): Promise<Response> {
  const stream = new Writer(request, options)
  if (request.method === 'HEAD') return stream.run(async () => {})
  const { signal } = stream
  try {
    const items = typeof source === 'function' ? source({ request, signal }) : source
    const pieces = await begun(items, encode, signal)
    return stream.run(() => forEach(pieces, signal, (piece) => stream.write(piece)))
  } catch (error) {
    void stream.close() // Nobody was given it.
    return problemResponse(error)
  }
}
