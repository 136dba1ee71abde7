/** An answer as messages, once it is one. */
import { ExpectationError, within } from './expectation.ts'
import { fetchOf, type RequestHandler } from './fetch-of.ts'
import { MessageReader } from './message-reader.ts'
import type { MessageReaderOptions } from './steps.ts'
import { printable } from './told.ts'

/** Characters that are read of an answer that is none. */
const DETAIL = 10_000

/**
 * Reads an event stream, whoever made it: a response, the promise of one, or a body. Throws an `ExpectationError` that
 * says why it is none: a status other than 200 (with what the answer says of it), another type, no body, or no answer in
 * `timeout`.
 *
 * @example
 * ```ts
 * import { eventStream } from 'edge-sse'
 * import { readMessages } from 'edge-sse/testing'
 * const answer = eventStream(new Request('http://localhost/'), [{ event: 'progress', data: { done: 1, of: 2 } }])
 * await using messages = await readMessages(answer)
 * await messages.expect({ event: 'progress', data: { done: 1 } })
 * await messages.expectEnd()
 * ```
 */
export async function readMessages(
  answer: Response | ReadableStream<Uint8Array> | Promise<Response>,
  options: MessageReaderOptions = {},
): Promise<MessageReader> {
  // Not `instanceof`: other packages bring classes of their own.
  if ('getReader' in answer) return new MessageReader(answer, options)
  const response = await within(Promise.resolve(answer), options, (milliseconds) => {
    return new ExpectationError(`Cannot read messages: there was no answer in ${milliseconds / 1000} s`)
  })
  const wrong = wrongWith(response)
  if (!response.body || wrong !== undefined) {
    const detail = await detailOf(response, options)
    throw new ExpectationError(`Cannot read messages: ${wrong ?? 'there is no body'}${detail}`)
  }
  return new MessageReader(response.body, options)
}

export interface OpenOptions extends MessageReaderOptions {
  /** What a reader that comes back says: the `Last-Event-ID` header. Defaults to none. */
  lastEventId?: string | undefined
}

/**
 * Asks a handler as a reader over a network would, and reads its answer: when this reader leaves (`cancel`), the request
 * is aborted and the body is cancelled.
 *
 * @example
 * ```ts
 * import { eventStream } from 'edge-sse'
 * import { openMessages } from 'edge-sse/testing'
 * const handler = (request: Request) =>
 *   eventStream(request, function* ({ lastEventId }) {
 *     for (let n = Number(lastEventId) + 1; n <= 3; n++) yield { id: `${n}`, data: n }
 *   })
 * const first = await openMessages(handler, '/')
 * await first.expect({ id: '1' })
 * await first.cancel()
 * const again = await openMessages(handler, '/', { lastEventId: first.lastEventId })
 * await again.expect({ id: '2' })
 * ```
 */
export function openMessages(
  handler: RequestHandler,
  input: string | URL | Request,
  { lastEventId, ...options }: OpenOptions = {},
): Promise<MessageReader> {
  const headers = new Headers(input instanceof Request ? input.headers : { accept: 'text/event-stream' })
  if (lastEventId) headers.set('last-event-id', lastEventId)
  return readMessages(fetchOf(handler)(input, { headers }), options)
}

function wrongWith({ status, headers }: Response): string | undefined {
  const type = headers.get('content-type')
  if (status !== 200) return `the status is ${status}${type === null ? '' : `, with ${printable(type)}`}`
  if (type?.split(';')[0]?.trim().toLowerCase() !== 'text/event-stream')
    return `the type is ${type === null ? 'not said' : printable(type)}`
  return undefined
}

/** What an answer says of what is wrong: the detail of a problem, or its first characters. */
async function detailOf({ body }: Response, options: MessageReaderOptions): Promise<string> {
  let text = ''
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader()
  const read = async (): Promise<void> => {
    for (
      let next = await reader?.read();
      next?.value !== undefined && text.length < DETAIL;
      next = await reader?.read()
    )
      text += next.value.slice(0, DETAIL)
  }
  // A body that stalls or breaks off has said what it has said.
  await within(read(), options, () => new Error('It stalls')).catch(() => {})
  void reader?.cancel().catch(() => {})
  return text === '' ? '' : `: ${printable(problemDetail(text) ?? text)}`
}

function problemDetail(text: string): string | undefined {
  try {
    const { detail, title } = JSON.parse(text) as { detail?: unknown; title?: unknown }
    return [detail, title].find((each) => typeof each === 'string')
  } catch {
    return undefined // It is no problem.
  }
}
