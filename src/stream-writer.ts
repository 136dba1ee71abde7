/** The writer of a body that is no event stream: text as it is written, or bytes. */
import { BodyResponseStream, type BodyStreamOptions } from './body-response-stream.ts'
import { SseError } from './errors.ts'
import { ResponseWriter, type ResponseWriterOptions } from './response-writer.ts'

export interface StreamWriterOptions extends BodyStreamOptions, ResponseWriterOptions {}

const encoder = new TextEncoder()

/**
 * Writes text or bytes into a response, with the promises of `EventStreamWriter`. The type is `text/plain` where
 * `headers` do not say another. A body whose work fails is broken off, so that a part never looks like the whole.
 *
 * @example
 * ```ts
 * import { StreamWriter } from 'edge-sse'
 * export default {
 *   fetch(request: Request): Response {
 *     const stream = new StreamWriter(request, { headers: { 'content-type': 'text/csv' } })
 *     return stream.run(async () => {
 *       for (let row = 1; row <= 10; row++) if (!(await stream.write(`${row},${row * row}\n`))) return
 *     })
 *   },
 * }
 * ```
 */
export class StreamWriter extends ResponseWriter<BodyResponseStream> {
  /** The first half of a character that came apart between two pieces of text. */
  #half = ''

  constructor(request: Request, { onError, ...options }: StreamWriterOptions = {}) {
    const stream = new BodyResponseStream(request, { ...options, headers: withType(options.headers) })
    super(stream, request.method === 'HEAD' ? stream.head : undefined, onError)
  }

  /**
   * Writes: `true` when there is room for more, `false` once the reader has left. Throws at once for what is neither text
   * nor bytes (`cannot-encode`); rejects only with `not-returned-yet`, when nobody can read because `response` was not taken.
   */
  write(chunk: string | Uint8Array): Promise<boolean> {
    return this.stream.write(this.#encode(chunk))
  }

  close(): Promise<void> {
    return this.stream.close(this.#half === '' ? undefined : encoder.encode(this.#half))
  }

  protected fail(): void {
    this.stream.leave(new Error('The stream failed'))
  }

  #encode(chunk: string | Uint8Array): Uint8Array {
    if (checkPiece(chunk) instanceof Uint8Array) return chunk as Uint8Array
    const text = this.#half + chunk
    // A model's answer, cut anywhere, may be cut between the surrogates of one character.
    const apart = /[\ud800-\udbff]$/.test(text)
    this.#half = apart ? text.slice(-1) : ''
    return encoder.encode(apart ? text.slice(0, -1) : text)
  }
}

/** The piece itself. Throws `cannot-encode` for what is neither text nor bytes. */
export function checkPiece<Piece>(piece: Piece): Piece {
  if (typeof piece === 'string' || piece instanceof Uint8Array) return piece
  throw new SseError('cannot-encode', 'Cannot encode: what is written is neither text nor bytes')
}

const withType = (init: HeadersInit | undefined): Headers => {
  const headers = new Headers(init)
  if (!headers.has('content-type')) headers.set('content-type', 'text/plain; charset=utf-8')
  return headers
}
