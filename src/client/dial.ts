/**
 * One attempt: from a request, through redirects, to a stream that can be read.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model
 */
import { SseError } from '../errors.ts'

export type Fetch = (request: Request) => Promise<Response>

/** The request of an attempt, which is made anew for each redirect. */
export interface Dial {
  url: URL
  init: RequestInit & { headers: Headers }
  fetch: Fetch
}

const MOST_REDIRECTS = 20
/** What another site is told that the first one was. Whatever else the caller has set may be a credential. */
const HARMLESS = ['accept', 'accept-language', 'content-type', 'last-event-id']
/** Statuses below 500 that may heal: Request Timeout, Too Early, Too Many Requests. */
const HEALING = [408, 425, 429]
/** Bytes of a refusal that are kept, and the milliseconds that it may take to come. */
const TOLD = { bytes: 16_384, time: 2_000 }

/** A failure that may heal, with the milliseconds its server asks to be left alone for. */
export class Retryable {
  readonly error: unknown
  readonly after: number

  constructor(error: unknown, after = 0) {
    this.error = error
    this.after = after
  }
}

/**
 * The response with the stream; `undefined` when the server says that there is no more (204). Throws a `Retryable` where
 * another attempt may help, an `SseError` where it would not.
 */
export async function dial(request: Dial): Promise<Response | undefined> {
  const response = await follow(request)
  const { status, headers } = response
  if (status === 204) return undefined
  if (status === 200) {
    const type = headers.get('content-type') ?? ''
    if (/^text\/event-stream\s*(;|$)/i.test(type)) return response
    leave(response)
    throw new SseError(
      'not-an-event-stream',
      `Cannot read stream: its content type is ${JSON.stringify(type.slice(0, 99))}`,
    )
  }
  const error = new SseError('refused', `Cannot read stream: the server answered ${status}`, {
    status,
    cause: await told(response),
  })
  if (status < 500 && !HEALING.includes(status)) throw error
  throw new Retryable(error, retryAfter(headers.get('retry-after') ?? ''))
}

async function follow({ url, init, fetch }: Dial): Promise<Response> {
  for (let redirects = 0; ; redirects++) {
    // What the caller did wrong, a header that is none for example, throws here, and is not tried again.
    const request = new Request(url, { ...init, redirect: 'manual' })
    const response = await answer(fetch, request)
    // A browser tells nobody where it leads, and follows it by the same rules.
    if ((response.type as string) === 'opaqueredirect') return answer(fetch, new Request(url, init))
    const { status, headers } = response
    const location = headers.get('location')
    if (!location || ![301, 302, 303, 307, 308].includes(status)) return response
    leave(response)
    const next = new URL(location, url)
    if (redirects === MOST_REDIRECTS || !next.protocol.startsWith('http'))
      throw new SseError('refused', 'Cannot read stream: its redirects lead nowhere', { status })
    if (next.origin !== url.origin)
      init = { ...init, headers: new Headers([...init.headers].filter(([name]) => HARMLESS.includes(name))) }
    if (status === 303 || (status < 303 && init.method === 'POST')) {
      init.headers.delete('content-type')
      init = { ...init, method: 'GET', body: null }
    }
    url = next
  }
}

/** What `fetch` rejects with is a network that failed, which may heal. */
const answer = (fetch: Fetch, request: Request): Promise<Response> =>
  fetch(request).catch((error) => {
    throw new Retryable(error)
  })

/** The body of a refusal, as JSON where it is, and no more of it than will do. */
async function told(response: Response): Promise<unknown> {
  const reader = response.body?.getReader()
  const timer = setTimeout(() => reader?.cancel().catch(() => {}), TOLD.time)
  const decoder = new TextDecoder()
  let text = ''
  try {
    while (reader && text.length < TOLD.bytes) {
      const { done, value } = await reader.read()
      if (done) break
      text += decoder.decode(value, { stream: true })
    }
    return JSON.parse(text)
  } catch {
    // What is no JSON, or was broken off, is told as it is.
    return text.slice(0, TOLD.bytes)
  } finally {
    clearTimeout(timer)
    void reader?.cancel().catch(() => {})
  }
}

/** Nothing more of its body is read. A body that fails is of no interest then. */
const leave = (response: Response): void => void response.body?.cancel().catch(() => {})

/** Milliseconds of a `Retry-After`, which is seconds or a date: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
const retryAfter = (text: string): number =>
  Math.max(0, (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now()) || 0)
