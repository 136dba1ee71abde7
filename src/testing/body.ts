/** Bodies that a test controls: nothing is read ahead, so what a reader has not asked for has not happened. */

export interface BodyParts {
  /** The next chunk, undefined at the end; what it throws breaks the body off. */
  next(): Promise<Uint8Array | undefined>
  /** The reader has left. */
  left?: ((reason: unknown) => unknown) | undefined
}

export const bodyFrom = ({ next, left }: BodyParts): ReadableStream<Uint8Array> =>
  new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = await next()
        if (chunk === undefined) controller.close()
        else controller.enqueue(chunk)
      },
      async cancel(reason) {
        await left?.(reason)
      },
    },
    { highWaterMark: 0 },
  )

/** The chunks of a body one by one. */
export interface Chunks extends BodyParts {
  left(reason: unknown): Promise<void>
  /** Aborts when the reader has left. */
  signal: AbortSignal
}

function chunksOf(body: ReadableStream<Uint8Array>): Chunks {
  const reader = body.getReader()
  const gone = new AbortController()
  return {
    next: async () => (await reader.read()).value,
    left(reason) {
      gone.abort()
      return reader.cancel(reason)
    },
    signal: gone.signal,
  }
}

/** The same response with another body; one that has none stays as it is. */
export function withBody(response: Response, change: (chunks: Chunks) => BodyParts): Response {
  if (!response.body) return response
  const { status, statusText, headers } = response
  return new Response(bodyFrom(change(chunksOf(response.body))), { status, statusText, headers })
}
