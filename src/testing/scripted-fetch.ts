/** A server that does what a test has written down, for clients that reconnect. */
import { Attempt } from './attempt.ts'
import { ExpectationError, type WaitOptions, within } from './expectation.ts'
import { type Fetch, fetchOf } from './fetch-of.ts'
import type { Piece } from './piece.ts'

/** An answer. With a `body` it is that text, else an event stream. */
export interface ScriptedResponse {
  /** Defaults to 200. */
  status?: number | undefined
  headers?: Record<string, string> | undefined
  body?: string | undefined
  /** What the stream begins with: messages, or what is to be on the wire to the letter. */
  messages?: readonly Piece[] | undefined
  /**
   * What follows: `end`, `cut` (the connection breaks), or `stall`: silence, until the test sends, ends or cuts (`Attempt`).
   * Defaults to `end`.
   */
  then?: 'end' | 'cut' | 'stall' | undefined
}

/** What becomes of one attempt: no connection at all, an answer, or what a function makes of the request. */
export type Step = 'network-error' | ScriptedResponse | ((request: Request) => Response | Promise<Response>)

export interface ScriptedFetch {
  /** For the client. It rejects where the script is at its end. */
  readonly fetch: Fetch
  /** What was asked so far, in order. */
  readonly attempts: readonly Attempt[]
  /** The attempt of that number, from 1 on, as soon as it is made. Rejects with an `ExpectationError` if it is not. */
  attempt(number: number, options?: WaitOptions): Promise<Attempt>
}

/**
 * A `fetch` that answers the first attempt with the first step, the second with the second, and keeps what was asked.
 *
 * @example
 * ```ts
 * import { readMessages, scriptedFetch } from 'edge-sse/testing'
 * const server = scriptedFetch([
 *   'network-error',
 *   { messages: [{ id: '1', data: 'a' }], then: 'stall' },
 * ])
 * await server.fetch('/events').catch((error) => console.log(error.message)) // There is no network, says the script
 * const messages = await readMessages(server.fetch('/events'))
 * await messages.expect({ data: 'a' })
 * const attempt = await server.attempt(2)
 * attempt.send({ id: '2', data: 'b' })
 * await messages.expect({ data: 'b' })
 * ```
 */
export function scriptedFetch(steps: readonly Step[]): ScriptedFetch {
  const attempts: Attempt[] = []
  let arrived = Promise.withResolvers<void>()
  const fetch = fetchOf(async (request) => {
    const attempt = new Attempt(attempts.length + 1, request.clone(), request.signal)
    attempts.push(attempt)
    arrived.resolve()
    arrived = Promise.withResolvers()
    const step = steps[attempt.number - 1]
    if (step === undefined)
      throw new ExpectationError(`Cannot answer attempt ${attempt.number}: the script has ${steps.length} steps`)
    if (step === 'network-error') throw new TypeError('There is no network, says the script')
    return typeof step === 'function' ? step(request) : attempt.answer(step)
  })
  const until = async (number: number): Promise<Attempt> => {
    for (;;) {
      const attempt = attempts[number - 1]
      if (attempt) return attempt
      await arrived.promise
    }
  }
  return {
    fetch,
    attempts,
    attempt: (number, options = {}) =>
      within(until(number), options, (milliseconds) => {
        const state = `it was not made in ${milliseconds / 1000} s, ${attempts.length} were`
        return new ExpectationError(`Cannot wait for attempt ${number}: ${state}`)
      }),
  }
}
