/** The body of a request as text, with limits on everything a stranger decides. */
import { SseError } from './errors.ts'

export interface BodyOptions {
  /** Most bytes. Defaults to 1 MiB. */
  limit?: number
  /** Milliseconds until the whole body must be here. Defaults to 10,000. */
  timeout?: number
}

/** Bytes of a body that are expected; more are made room for as they come. */
const FIRST = 16_384

/**
 * Reads a body of one media type, in UTF-8.
 * Rejects with `unsupported-media-type`, `unsupported-encoding`, `payload-too-large`, `request-timeout` or `invalid-utf8`.
 */
export async function readText(request: Request, type: string, options: BodyOptions = {}): Promise<string> {
  if (mediaType(request) !== type)
    throw new SseError('unsupported-media-type', `Cannot read body: its Content-Type is not ${type}`)
  const encoding = request.headers.get('content-encoding') ?? 'identity'
  if (encoding.toLowerCase() !== 'identity')
    throw new SseError('unsupported-encoding', 'Cannot read body: it has a Content-Encoding')
  return decode(await readBytes(request, options))
}

/** The media type of a body, without its parameters. */
export const mediaType = (request: Request): string | undefined =>
  request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()

async function readBytes(request: Request, { limit = 1_048_576, timeout = 10_000 }: BodyOptions): Promise<Uint8Array> {
  const tooLarge = (): SseError =>
    new SseError('payload-too-large', `Cannot read body: it is longer than ${limit} bytes`)
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge()
  const reader = request.body?.getReader()
  /** Chunks are copied as they come: one may be a byte, and keep kilobytes alive. */
  let body = new Uint8Array(Math.min(limit, FIRST))
  let length = 0
  let late = false
  const timer = setTimeout(() => {
    late = true
    void reader?.cancel().catch(() => {}) // Ends the read below.
  }, timeout)
  try {
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
      const { value: chunk } = next
      const end = length + chunk.byteLength
      if (end > limit) {
        void reader?.cancel().catch(() => {}) // What it still sends is nobody's concern.
        throw tooLarge()
      }
      if (end > body.byteLength) {
        const larger = new Uint8Array(Math.min(limit, Math.max(end, 2 * body.byteLength)))
        larger.set(body)
        body = larger
      }
      body.set(chunk, length)
      length = end
    }
  } catch (cause) {
    if (cause instanceof SseError) throw cause
    // On Workers the read that is cancelled rejects, elsewhere it ends.
    if (!late) throw new SseError('malformed-request', 'Cannot read body: it broke off', { cause })
  } finally {
    clearTimeout(timer)
  }
  if (late) throw new SseError('request-timeout', `Cannot read body: it was not here after ${timeout / 1000} s`)
  return body.subarray(0, length)
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch (cause) {
    throw new SseError('invalid-utf8', 'Cannot read body: it is not UTF-8', { cause })
  }
}
