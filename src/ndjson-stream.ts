/** A source as lines of JSON: https://github.com/ndjson/ndjson-spec */
import { SseError } from './errors.ts'
import { problemResponse } from './problem.ts'
import { ResponseStream } from './response-stream.ts'

const encoder = new TextEncoder()
const headers = {
  'content-type': 'application/x-ndjson',
  'cache-control': 'no-store, no-transform',
  'x-content-type-options': 'nosniff',
}

/**
 * Streams each value as one line. What fails before the first line is a problem response; what fails later breaks the
 * body off, so that a cut list never looks like a whole one.
 */
export async function ndjsonStream(request: Request, values: AsyncIterable<unknown>): Promise<Response> {
  const iterator = values[Symbol.asyncIterator]()
  let next: IteratorResult<unknown>
  try {
    next = await iterator.next()
  } catch (error) {
    return problemResponse(error)
  }
  const stream = new ResponseStream(request, 65_536)
  // In a `then`, so that a clean-up that fails is nobody's unhandled rejection.
  const release = (): void =>
    void Promise.resolve()
      .then(() => iterator.return?.())
      .catch(() => {})
  if (stream.signal.aborted)
    release() // The reader left during the first `next()`.
  else stream.signal.addEventListener('abort', release, { once: true })
  const work = async (): Promise<void> => {
    for (; !next.done; next = await iterator.next())
      if (!(await stream.write(encoder.encode(toLine(next.value))))) return
    await stream.close()
  }
  const response = new Response(stream.take(), { headers })
  work().catch((error: unknown) => {
    console.error(error)
    stream.leave(new Error('The list broke off'))
  })
  return response
}

const toLine = (value: unknown): string => {
  const json: string | undefined = JSON.stringify(value)
  if (json === undefined) throw new SseError('cannot-encode', 'Cannot encode line: the value has no JSON')
  return `${json}\n`
}
