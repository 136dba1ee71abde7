/** A source as lines of JSON: https://github.com/ndjson/ndjson-spec */
import { type BodySource, bodyStream } from './body-stream.ts'
import { SseError } from './errors.ts'
import { StreamWriter, type StreamWriterOptions } from './stream-writer.ts'

/**
 * Streams each value that `source` yields as one line. The source is asked for its next value when there is room for it,
 * and told through `signal` when the reader leaves.
 *
 * What fails before the first line is a problem response. What fails later goes to `onError`, and the last line is then
 * `{"event":"stream.error","error":{"code":"internal-error","message":…}}`: a list without it is whole.
 *
 * @example
 * ```ts
 * import { ndjsonStream } from 'edge-sse'
 * export default {
 *   fetch: (request: Request): Promise<Response> =>
 *     ndjsonStream(request, function* () {
 *       for (let n = 1; n <= 10; n++) yield { n, square: n * n }
 *     }),
 * }
 * ```
 */
export function ndjsonStream(
  request: Request,
  source: BodySource<unknown>,
  { headers: init, ...options }: StreamWriterOptions = {},
): Promise<Response> {
  const headers = new Headers(init)
  headers.set('content-type', 'application/x-ndjson')
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store, no-transform')
  return bodyStream(request, source, toLine, { ...options, headers }, LineWriter)
}

/** An end of its own for lines that failed: programs read them one by one, and would take a cut for the end. */
class LineWriter extends StreamWriter {
  protected override fail(): void {
    void this.write(FAILED)
  }
}

const toLine = (value: unknown): string => {
  const json: string | undefined = JSON.stringify(value)
  if (json === undefined) throw new SseError('cannot-encode', 'Cannot encode line: the value has no JSON')
  return `${json}\n`
}

const FAILED = toLine({
  event: 'stream.error',
  error: { code: 'internal-error', message: 'The stream failed' },
})
