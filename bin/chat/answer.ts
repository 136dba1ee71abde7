/** One answer of a model, in pieces: `data: {chat.completion.chunk}` to `data: [DONE]`. */
import { randomUUID } from 'node:crypto'
import { SseError } from 'edge-sse'
import { type ConnectionState, connect } from 'edge-sse/client'
import { dial } from '../dial.ts'
import { troubleOf } from '../trouble.ts'

export interface Turn {
  role: 'system' | 'user' | 'assistant'
  content: string
}

/** Whom to ask. */
export interface Exchange {
  url: URL
  headers: Headers
  model: string | undefined
  /** Milliseconds for which a server that gives nothing is asked again. */
  patience: number
  /** What went wrong, and after how many milliseconds it is tried again. Not told once there is a piece. */
  onRetry(why: string, delay: number): void
}

export interface Piece {
  text: string
  /** What the model thinks before it answers. */
  thought: string
}

/** Milliseconds that a server is given to hear that an answer is not wanted any more. */
const STOPPING = 1_000

/** Ends when the answer is complete, or `signal` aborts. Throws when it failed, or cannot be had. */
export async function* answerOf(
  { url, headers: given, model, patience, onRetry }: Exchange,
  turns: Turn[],
  signal: AbortSignal,
): AsyncGenerator<Piece> {
  const headers = new Headers(given)
  headers.set('content-type', 'application/json')
  // Asked once, however often it is sent.
  headers.set('idempotency-key', randomUUID())
  let answer: string | undefined
  const lost = new AbortController()
  let hasBegun = false
  let failingSince: number | undefined
  const onState = (state: ConnectionState): void => {
    if (state.retryAt === undefined) return
    failingSince ??= performance.now()
    const delay = Math.max(0, state.retryAt - Date.now())
    if (performance.now() - failingSince + delay > patience)
      lost.abort(new Error(`Cannot chat: there is no answer. ${troubleOf(state)}`))
    else if (!hasBegun) onRetry(troubleOf(state), delay)
  }
  const messages = connect(url, {
    headers,
    signal: AbortSignal.any([signal, lost.signal]),
    onState,
    body: JSON.stringify({ ...(model !== undefined && { model }), messages: turns, stream: true }),
    async fetch(request) {
      const response = await dial(request)
      answer = response.headers.get('edge-sse-stream') ?? answer
      return response
    },
  })
  try {
    for await (const { event, data } of messages) {
      if (event !== 'message' || typeof data !== 'string') continue
      hasBegun = true
      failingSince = undefined
      if (data === '[DONE]') return
      yield pieceOf(data)
    }
  } catch (error) {
    // A stream without ids that was cut: what is missing cannot be had.
    if (!(error instanceof SseError && error.code === 'connection-lost')) throw error
  } finally {
    // Our server goes on with an answer whose reader has left: it may come back.
    if (signal.aborted && answer !== undefined) await stop(new URL(`/chat/${encodeURIComponent(answer)}`, url), given)
  }
  if (signal.aborted) return
  lost.signal.throwIfAborted()
  throw new Error('Cannot chat: the answer broke off, and what is here is only a part')
}

function pieceOf(data: string): Piece {
  let chunk: { error?: { message?: unknown }; choices?: { delta?: Record<string, unknown> }[] }
  try {
    chunk = Object(JSON.parse(data))
  } catch {
    throw new Error('Cannot chat: the server sent what is no piece of an answer')
  }
  if (chunk.error) throw new Error(`Cannot chat: ${chunk.error.message ?? 'the model failed'}`)
  const { content, refusal, reasoning_content: reasoning, reasoning: other } = chunk.choices?.[0]?.delta ?? {}
  return { text: textIn(content ?? refusal), thought: textIn(reasoning ?? other) }
}

const textIn = (value: unknown): string => (typeof value === 'string' ? value : '')

/** A server that does not hear of it makes an answer that nobody reads: no failure of this one. */
const stop = (address: URL, headers: Headers): Promise<unknown> =>
  fetch(address, { method: 'DELETE', headers, redirect: 'manual', signal: AbortSignal.timeout(STOPPING) }).catch(
    () => undefined,
  )
