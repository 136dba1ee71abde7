/** A network between a client and a handler, in this process. */
import { withBody } from './body.ts'
import { ExpectationError } from './expectation.ts'

/** What answers requests: the `fetch` of a Worker, of Deno, of Bun, of most frameworks. */
export type RequestHandler = (request: Request) => Response | Promise<Response>

/** A `fetch` as clients take one. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** What a path alone is meant to be on. */
const BASE = 'http://localhost'

/**
 * A `fetch` that asks a handler, for clients under test. As over a network, a client that aborts gets its reason, whether
 * it waits for the answer or reads it, and to the handler a client that aborts or cancels the body is one that has left:
 * its `request.signal` aborts. What the handler throws is what `fetch` rejects with. A path alone is one of
 * `http://localhost`.
 *
 * @example
 * ```ts
 * import { textStream } from 'edge-sse'
 * import { fetchOf } from 'edge-sse/testing'
 * const fetch = fetchOf((request) => textStream(request, ['hello']))
 * console.log(await (await fetch('/text')).text()) // hello
 * ```
 */
export const fetchOf = (handler: RequestHandler): Fetch =>
  async function fetch(input, init) {
    const asked = new Request(input instanceof Request ? input : new URL(input, BASE), init)
    const client = init?.signal ?? (input instanceof Request ? input.signal : undefined)
    const connection = new Connection(asked, client ?? undefined)
    const response = await connection.until(Promise.resolve(handler(connection.request)))
    checkIsResponse(response)
    if (!response.body) connection.end()
    return withBody(response, ({ next, left }) => ({
      async next() {
        const chunk = await connection.until(next())
        if (chunk === undefined) connection.end()
        return chunk
      },
      async left(reason) {
        connection.break(reason)
        await left(reason)
      },
    }))
  }

/** What is easily forgotten is the `return`. Not `instanceof`: other packages bring classes of their own. */
function checkIsResponse(given: unknown): void {
  if (typeof given === 'object' && given !== null && 'headers' in given && 'body' in given) return
  throw new ExpectationError(`Cannot ask the handler: it gave no Response (${given === null ? 'null' : typeof given})`)
}

/** One request and its answer. It holds the request: Node forgets to abort the signal of one that nobody holds. */
class Connection {
  readonly request: Request
  readonly #server = new AbortController()
  readonly #over = new AbortController()
  /** Those who wait. Not a race with one promise that is there for long: that would remember each of the others. */
  readonly #waiting = new Set<(reason: unknown) => void>()
  #reason: { is: unknown } | undefined

  constructor(asked: Request, client: AbortSignal | undefined) {
    client?.throwIfAborted()
    this.request = new Request(asked, { signal: this.#server.signal })
    const leave = (): void => {
      this.#reason = { is: client?.reason }
      for (const reject of this.#waiting) reject(client?.reason)
      this.break(client?.reason)
    }
    client?.addEventListener('abort', leave, { signal: this.#over.signal })
  }

  /** What is promised, or why the client has left. */
  until<Value>(promise: Promise<Value>): Promise<Value> {
    const { promise: either, resolve, reject } = Promise.withResolvers<Value>()
    this.#waiting.add(reject)
    promise.then(resolve, reject).finally(() => this.#waiting.delete(reject))
    if (this.#reason) reject(this.#reason.is)
    return either
  }

  break(reason: unknown): void {
    if (!this.request.signal.aborted) this.#server.abort(reason)
    this.end()
  }

  /** From here on it is nothing to either side what the other does. */
  end(): void {
    this.#over.abort()
  }
}
