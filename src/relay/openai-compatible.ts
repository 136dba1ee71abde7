/** A model behind an OpenAI-compatible endpoint: https://platform.openai.com/docs/api-reference/chat/create */
import { causesOf, SseError } from '../errors.ts'
import { parseChunk } from './chunk.ts'
import { Deadline, type Timeouts } from './deadline.ts'
import type { Ask } from './model.ts'
import { UpstreamBody } from './upstream-body.ts'

export interface Endpoint {
  /** Up to `/chat/completions`: `https://api.openai.com/v1`. */
  baseUrl: string
  /** What it is asked with, as a bearer token. Without one it is asked without. */
  apiKey?: string | undefined
  timeouts?: Timeouts | undefined
}

/** Milliseconds, and bytes, for what a refusal says. */
const REFUSAL = { wait: 2_000, bytes: 65_536 }
/** Characters of it that are told. */
const TOLD = 300
/** What is logged in place of what it said. */
const REPEATS = 'what it said repeats the API key, which is not for the log'
/** Seconds that who was refused is asked to wait at most. */
const LONGEST_WAIT = 3_600

export function openaiCompatible({ baseUrl, apiKey, timeouts }: Endpoint): Ask {
  const url = `${baseUrl.replace(/\/+$/, '')}/chat/completions`
  return async function* ask(request, { signal, headers }) {
    const deadline = new Deadline(signal, timeouts)
    let body: UpstreamBody | undefined
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          ...headers,
          'content-type': 'application/json',
          accept: 'text/event-stream',
          ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
        },
        body: JSON.stringify(request),
        // Where it sends us may be anywhere, with the key: https://owasp.org/www-community/attacks/Server_Side_Request_Forgery
        redirect: 'manual',
        signal: deadline.signal,
      }).catch((cause: unknown) => {
        if (deadline.reason) throw deadline.reason
        if (!signal.aborted)
          throw new SseError('upstream-refused', 'Cannot answer: the model could not be reached', { cause })
      })
      if (!response) return
      body = new UpstreamBody(await streamOf(response, deadline, apiKey), deadline)
      for (let texts = await body.read(); texts; texts = await body.read()) {
        for (const text of texts) {
          parseChunk(text)
          // JSON has line breaks between its parts alone; with them it would be sent on as several lines of data.
          yield text.replaceAll('\n', ' ')
        }
      }
    } catch (error) {
      // Checked before anything is cut: half a key is one too.
      if (error instanceof SseError && causesOf(error).some((text) => repeats(text, apiKey))) error.cause = REPEATS
      throw error
    } finally {
      deadline.clear()
      body?.leave()
    }
  }
}

/** The body of an answer; throws for whatever is none. */
async function streamOf(response: Response, deadline: Deadline, apiKey?: string): Promise<ReadableStream<Uint8Array>> {
  const { status, body, headers } = response
  const said = headers.get('content-type')
  const type = said?.split(';')[0]?.trim().toLowerCase()
  if (status === 200 && body && type === 'text/event-stream') return body as ReadableStream<Uint8Array>
  if (status === 400 || status === 413 || status === 422) {
    const why = await complaint(response, deadline, apiKey)
    throw new SseError('upstream-rejected', `Cannot answer: the model does not take this request${why && `: ${why}`}`)
  }
  body?.cancel().catch(() => {}) // It is refused by its head: nobody reads the rest.
  const cause = `It answered ${status}${said ? ` with ${said}` : ''}`
  if (status === 200)
    throw new SseError('upstream-malformed', 'Cannot answer: what the model sent is no event stream', { cause })
  if (status === 429)
    throw new SseError('upstream-busy', 'Cannot answer: the model has too much to do', {
      cause,
      retryAfter: secondsIn(headers.get('retry-after')),
    })
  throw new SseError('upstream-refused', 'Cannot answer: the model refused to', { cause })
}

/** What is wrong with a request, in the words of who refused it: whoever asked can mend it. */
async function complaint(response: Response, deadline: Deadline, apiKey?: string): Promise<string> {
  const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader()
  if (!reader) return ''
  // A body that is read can be cancelled by its reader alone, which then finds it ended; how that goes changes no answer.
  const giveUp = (): void => void reader.cancel().catch(() => {})
  const late = setTimeout(giveUp, REFUSAL.wait)
  let text = ''
  try {
    const decoder = new TextDecoder()
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      text += decoder.decode(next.value, { stream: true })
      if (text.length > REFUSAL.bytes || deadline.signal.aborted) break
    }
    const { error } = JSON.parse(text) as { error?: { message?: unknown } }
    if (typeof error?.message !== 'string') return ''
    if (repeats(error.message, apiKey)) return ''
    return error.message
      .toWellFormed()
      .replaceAll(/[\p{C}\p{Z}]+/gu, ' ')
      .trim()
      .slice(0, TOLD)
      .toWellFormed()
  } catch {
    return ''
  } finally {
    clearTimeout(late)
    giveUp()
  }
}

/**
 * Some repeat the head of the request: as it was, or in JSON that escapes it, and in JSON within that. Each run of backslashes
 * is looked through once.
 */
function repeats(text: string, apiKey?: string): boolean {
  if (!apiKey) return false
  const plain = text.replaceAll(/(?<!\\)\\+u([\da-f]{4})/gi, (_, code) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  )
  return text.includes(apiKey) || plain.replaceAll('\\', '').includes(apiKey.replaceAll('\\', ''))
}

/** The time of a `Retry-After`, which is seconds or a date. */
function secondsIn(text: string | null): number | undefined {
  if (text === null) return undefined
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1_000
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 1), LONGEST_WAIT)
}
