/** One attempt of a client, and the test's end of it. */
import { bodyFrom } from './body.ts'
import { ExpectationError, type WaitOptions, within } from './expectation.ts'
import { bytesOf, type Piece } from './piece.ts'
import type { ScriptedResponse } from './scripted-fetch.ts'

/** Statuses that can have no body: https://fetch.spec.whatwg.org/#null-body-status */
const WITHOUT_BODY = [101, 103, 204, 205, 304]

type Part = { chunk: Uint8Array } | 'end' | 'cut'

export class Attempt {
  /** 1 is the first. */
  readonly number: number
  readonly url: string
  readonly method: string
  readonly headers: Headers
  readonly #request: Request
  readonly #signal: AbortSignal
  /** What the client has not asked for yet. */
  readonly #parts: Part[] = []
  #asked: (() => void) | undefined

  constructor(number: number, request: Request, signal: AbortSignal) {
    const { url, method, headers } = request
    this.number = number
    this.url = url
    this.method = method
    this.headers = headers
    this.#request = request
    this.#signal = signal
  }

  /** What the client sent, as text. Once. */
  text(): Promise<string> {
    return this.#request.text()
  }

  /** Whether the client has left: it aborted, or cancelled the body. */
  get hasLeft(): boolean {
    return this.#signal.aborted
  }

  /** Resolves once the client has left; rejects with an `ExpectationError` if it stays. */
  async left(options: WaitOptions = {}): Promise<void> {
    if (this.hasLeft) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#signal.addEventListener('abort', () => resolve())
    await within(promise, options, (milliseconds) => {
      return new ExpectationError(
        `Cannot wait for attempt ${this.number} to end: its client is there after ${milliseconds / 1000} s`,
      )
    })
  }

  /** Says something in a stream that was scripted to `stall`. */
  send(...pieces: Piece[]): void {
    this.#put(...pieces.map((piece) => ({ chunk: bytesOf(piece) })))
  }

  /** Ends it, once the client has read what was said. */
  end(): void {
    this.#put('end')
  }

  /** Breaks the connection, once the client has read what was said. */
  cut(): void {
    this.#put('cut')
  }

  /** The scripted answer. */
  answer({ status = 200, headers = {}, body, messages = [], then = 'end' }: ScriptedResponse): Response {
    if (body !== undefined || WITHOUT_BODY.includes(status)) return new Response(body ?? null, { status, headers })
    this.send(...messages)
    if (then !== 'stall') this.#put(then)
    const all = { 'content-type': 'text/event-stream', ...headers }
    return new Response(bodyFrom({ next: () => this.#next() }), { status, headers: all })
  }

  #put(...parts: Part[]): void {
    this.#parts.push(...parts)
    this.#asked?.()
  }

  async #next(): Promise<Uint8Array | undefined> {
    while (this.#parts.length === 0)
      await new Promise<void>((resolve) => {
        this.#asked = resolve
      })
    const part = this.#parts.shift()
    if (part === 'cut') throw new TypeError('The connection was cut by the script')
    return typeof part === 'object' ? part.chunk : undefined
  }
}
