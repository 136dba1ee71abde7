/** The answer of a model as it comes over the wire, in pieces: nothing of it is passed on that is not whole. */
import { SseError } from '../errors.ts'
import { parseMessages } from '../parse.ts'
import { DONE } from './chunk.ts'
import type { Deadline } from './deadline.ts'

/** Characters of one line or event that are held. */
const LONGEST = 131_072
/** Bytes of a whole answer: less than a room keeps. */
const LARGEST = 6_291_456

/**
 * The data of each event up to `[DONE]`, which is the only good end. Throws `upstream-timeout`, `-reset`, `-incomplete`,
 * `-too-large`; ends where its reader has aborted. However it ends, the body is cancelled.
 */
export async function* upstreamEvents(
  body: ReadableStream<Uint8Array>,
  deadline: Deadline,
): AsyncGenerator<string, void, undefined> {
  let length = 0
  try {
    for await (const { data, event } of parseMessages(heard(body, deadline), { maxLength: LONGEST })) {
      if (data === DONE) return
      length += data.length
      if (length > LARGEST) throw new SseError('upstream-too-large', 'Cannot answer: the answer is longer than 6 MiB')
      if (event === 'error')
        throw new SseError('upstream-failed', 'Cannot answer: the model has failed', { cause: data.slice(0, 500) })
      if (data !== '') yield data
    }
  } catch (cause) {
    if (!deadline.signal.aborted || deadline.reason) throw failure(cause, deadline.reason)
  }
  if (deadline.reason) throw deadline.reason
  if (!deadline.signal.aborted)
    throw new SseError('upstream-incomplete', 'Cannot answer: the model stopped before its answer was complete')
}

/** Ends with the deadline, whatever the body does then: not every runtime breaks off a body whose request was aborted. */
async function* heard(body: ReadableStream<Uint8Array>, deadline: Deadline): AsyncGenerator<Uint8Array> {
  const { signal } = deadline
  const reader = body.getReader()
  // One slot instead of a race for each piece, which would leave a reaction behind.
  let wake = (): void => {}
  signal.addEventListener('abort', () => wake(), { once: true })
  try {
    while (!signal.aborted) {
      const next = await new Promise<ReadableStreamReadResult<Uint8Array> | undefined>((resolve, reject) => {
        wake = () => resolve(undefined)
        reader.read().then(resolve, reject)
      })
      if (!next || next.done) return
      deadline.heard()
      yield next.value
    }
  } finally {
    reader.cancel().catch(() => {}) // Not waited for: it may be what hangs.
  }
}

function failure(cause: unknown, reason: SseError | undefined): unknown {
  if (reason) return reason
  if (!(cause instanceof SseError))
    return new SseError('upstream-reset', 'Cannot answer: the connection to the model broke off', { cause })
  if (cause.code !== 'buffer-limit') return cause
  return new SseError('upstream-too-large', 'Cannot answer: a piece of the answer is longer than 128 KiB', { cause })
}
