/**
 * One attempt: from a request, through redirects, to a stream that can be read.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model
 */
import { SseError } from '../errors.ts'
import { jsonOrText } from './json-or-text.ts'
import { leave, orRetry, Retryable } from './retryable.ts'
import { unlessAborted } from './unless-aborted.ts'

export type Fetch = (request: Request) => Promise<Response>

/** The request of an attempt, which is made anew for each redirect. */
export interface Dial {
  url: URL
  init: RequestInit & { headers: Headers }
  fetch: Fetch
}

/**
 * The response with the stream; `undefined` when the server says that there is no more (204). Throws a `Retryable` where
 * another attempt may help, an `SseError` where it would not.
 */
export async function dial(ask: () => Promise<Dial>): Promise<Response | undefined> {
  const response = await follow(ask)
  const { status, headers, ok } = response
  if (status === 204) return undefined
  const type = headers.get('content-type') ?? ''
  if (ok && /^text\/event-stream\s*(;|$)/i.test(type)) return response
  const said = { status, cause: await told(response), retryAfter: retryAfter(headers.get('retry-after')) }
  if (ok)
    throw new SseError('not-an-event-stream', `Cannot read: its type is ${JSON.stringify(type.slice(0, 99))}`, said)
  const error = new SseError('refused', `Cannot read: its status is ${status}`, said)
  // Failures of the server; Request Timeout, Too Early, Too Many Requests.
  throw /^5|408|42[59]/.test(`${status}`) ? new Retryable(error) : error
}

async function follow(ask: () => Promise<Dial>): Promise<Response> {
  let { url, init, fetch } = await ask()
  for (let redirects = 0; ; redirects++) {
    // The caller may have left meanwhile, and a `fetch` of its own may not look.
    init.signal?.throwIfAborted()
    // What the caller did wrong, a header that is none for example, throws here, and is not tried again.
    const request = new Request(url, { ...init, redirect: 'manual' })
    const response = await orRetry(() => fetch(request))
    if ((response.type as string) === 'opaqueredirect') {
      // A browser tells nobody where it leads, and follows it itself: without `Authorization`, with headers of the
      // caller's own. A ticket is good for one request.
      const again = await ask()
      return orRetry(() => fetch(new Request(again.url, again.init)))
    }
    const { status, headers } = response
    const location = headers.get('location')
    if (!location || !/30[12378]/.test(`${status}`)) return response
    leave(response.body)
    const next = URL.parse(location, url)
    // No `fetch` goes where a name and a password stand before the host.
    if (redirects === 20 || !next || !/^https?:\/\/[^@/]+\//.test(next.href))
      throw new SseError('refused', 'Cannot read: it redirects nowhere', { status })
    if (next.origin !== url.origin)
      // Whatever else the caller has set may be a credential.
      new Headers(init.headers).forEach((_, name) => {
        if (!/^(accept|content-type|last-event-id)$/.test(name)) init.headers.delete(name)
      })
    if (status === 303 || (status < 303 && init.method === 'POST')) {
      init.headers.delete('content-type')
      init = { ...init, method: 'GET', body: null }
    }
    url = next
  }
}

/** Characters. */
const TOLD = 16_384

/** The body of a refusal, as JSON where it is: of what comes within two seconds, no more than will do. */
async function told({ body }: Response): Promise<unknown> {
  const reader = body?.getReader()
  const late = AbortSignal.timeout(2_000)
  const decoder = new TextDecoder()
  let text = ''
  try {
    while (reader && text.length < TOLD) {
      const { value } = await unlessAborted(reader.read(), late)
      if (!value) break
      text += decoder.decode(value, { stream: true })
    }
  } catch {
    // What was broken off is told as it is.
  }
  leave(reader)
  return jsonOrText(text.slice(0, TOLD))
}

/** Seconds of a `Retry-After`, which is as many or a date that may be over: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
// `null` is no date, whatever its type: that is `NaN`.
const retryAfter = (text: string | null): number | undefined =>
  Math.max(0, Number(text) || (Date.parse(text as string) - Date.now()) / 1000) || undefined
