/** One request that publishes, tried until it is answered: the same bytes under the same key, so that it happens once. */
import { setTimeout as sleep } from 'node:timers/promises'
import { spoken } from '../duration.ts'
import { printable } from '../printable.ts'
import { sentences, TOKEN, wordsOf } from '../refusal.ts'
import { backOff, isForGood, mayHeal, networkError, retryAfter } from '../retry.ts'
import { shownUrl } from '../shown-url.ts'

export interface DeliverTerms {
  url: URL
  headers: Headers
  /** Milliseconds it may take to be answered, all attempts together. */
  patience: number
  signal: AbortSignal
  /** What went wrong, and after how many milliseconds it is tried again. */
  onRetry(why: string, delay: number): void
}

export interface Delivery {
  key: string
  type: 'application/json' | 'application/x-ndjson'
  body: string
}

/** What it was answered: it was published, and by this attempt or an earlier one. */
export interface Delivered {
  duplicate: boolean
}

/** Why something could not be published. */
export class Undelivered extends Error {
  /** True when it may have been published all the same. */
  readonly isUnknown: boolean
  /** What to do, where that is known. */
  readonly help: string | undefined

  constructor(state: string, isUnknown: boolean, help?: string) {
    super(state)
    this.isUnknown = isUnknown
    this.help = help
  }
}

/** Errors of a server that was not reached. */
const NOT_THERE = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT)$/
/** Milliseconds for one attempt. */
const LONGEST = 30_000

/** Throws `Undelivered`, and what `signal` was aborted with. */
export async function deliver(delivery: Delivery, terms: DeliverTerms): Promise<Delivered> {
  const { patience, signal, onRetry } = terms
  const end = performance.now() + patience
  let mayBeThere = false
  for (let attempt = 0; ; attempt++) {
    // A timeout takes whole milliseconds alone.
    const left = Math.ceil(end - performance.now())
    const tried = await attemptOnce(delivery, terms, Math.min(LONGEST, Math.max(1_000, left)))
    signal.throwIfAborted()
    if ('duplicate' in tried) return tried
    mayBeThere ||= tried.mayBeThere
    if (!tried.mayHeal) throw new Undelivered(tried.why, mayBeThere, tried.help)
    const { after = 0 } = tried
    if (after > patience)
      throw new Undelivered(`${tried.why}. It asks to come back in ${spoken(after)}: see --retry-for`, mayBeThere)
    const delay = Math.max(after, backOff(attempt))
    if (performance.now() + delay > end) throw new Undelivered(`${tried.why}, for ${spoken(patience)}`, mayBeThere)
    onRetry(tried.why, delay)
    await sleep(delay, undefined, { signal })
  }
}

interface Failed {
  why: string
  help?: string | undefined
  mayHeal: boolean
  /** The server may have done it without living to tell. */
  mayBeThere: boolean
  /** Milliseconds that the server asks for. */
  after?: number | undefined
}

async function attemptOnce(
  { key, type, body }: Delivery,
  terms: DeliverTerms,
  limit: number,
): Promise<Delivered | Failed> {
  const headers = new Headers(terms.headers)
  headers.set('content-type', type)
  headers.set('accept', 'application/json, application/problem+json')
  headers.set('idempotency-key', key)
  const signal = AbortSignal.any([terms.signal, AbortSignal.timeout(limit)])
  try {
    const response = await fetch(terms.url, { method: 'POST', headers, body, redirect: 'manual', signal })
    return await judge(
      terms.url,
      response,
      response.ok ? await start(response, 1_048_576) : await start(response, 16_384),
    )
  } catch (error) {
    const { code, text } = networkError(error)
    const why =
      code === 'TimeoutError' ? `no answer within ${spoken(limit)}` : `no answer: ${printable(text, { atMost: 200 })}`
    return { why, mayHeal: !isForGood(code), mayBeThere: !isForGood(code) && !NOT_THERE.test(code) }
  }
}

function judge(url: URL, { status, headers, ok }: Response, text: string): Delivered | Failed {
  const answer = json(text)
  if (ok && (typeof answer.id === 'string' || Array.isArray(answer.ids)))
    return { duplicate: answer.duplicate === true }
  if (ok) return { why: `it answers ${status}, and not as a room does`, mayHeal: false, mayBeThere: true }
  const location = headers.get('location')
  const leads = location && status < 400 ? `, which leads to ${printable(shownUrl(location), { atMost: 200 })}` : ''
  const { said, help } = wordsOf(answer)
  const why = said ? printable(said, { atMost: 500 }) : `it answers ${status}${leads}`
  return {
    why,
    help: sentences(help && printable(help, { atMost: 500 }), hint(url, status)),
    mayHeal: mayHeal(status),
    mayBeThere: status >= 500 && mayHeal(status),
    after: retryAfter(headers),
  }
}

function hint({ pathname }: URL, status: number): string | undefined {
  if (status === 401) return TOKEN
  // The page of a room, or its state, is easily taken for where its events are.
  return (status === 404 || status === 405) && !pathname.endsWith('/events')
    ? "The URL of a room's events ends in /events, as in /rooms/lobby/events"
    : undefined
}

function json(text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {} // Of a proxy, say. Its status is told.
  }
}

/** Its first characters: what a stranger answers may have no end. */
async function start(response: Response, most: number): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const piece of response.body ?? []) {
    text += decoder.decode(piece, { stream: true })
    if (text.length > most) break
  }
  return text
}
