/**
 * What every writer of a response does the same: work runs beside its response, a reader that leaves is the normal end,
 * and what fails is said to the operator, not to the reader.
 */
import type { ResponseStream, ResponseStreamOptions } from './response-stream.ts'

export interface ResponseWriterOptions extends ResponseStreamOptions {
  /** Gets what the work threw; readers never see it. Defaults to `console.error`. */
  onError?: ((error: unknown) => void) | undefined
}

/** What goes on when the work has ended, and nobody's answer waits for. */
export class Leftover {
  readonly cleanUp: Promise<void>

  constructor(cleanUp: Promise<void>) {
    this.cleanUp = cleanUp
  }
}

const works = new WeakMap<Response, Promise<void>>()

/** Settles when the work that writes a response has ended, its clean-up too; undefined where no writer's work does. */
export const workOf = (response: Response): Promise<void> | undefined => works.get(response)

export abstract class ResponseWriter<Stream extends ResponseStream = ResponseStream> {
  protected readonly stream: Stream
  /** Instead of a stream, for a request that wants none. */
  readonly #withoutBody: Response | undefined
  readonly #onError: (error: unknown) => void

  constructor(stream: Stream, withoutBody: Response | undefined, onError: (error: unknown) => void = console.error) {
    this.stream = stream
    this.#withoutBody = withoutBody
    this.#onError = onError
  }

  /** Aborts once, when the reader has left or the stream was sent to reconnect: stop working then. */
  get signal(): AbortSignal {
    return this.stream.signal
  }

  /** The response to return. Take it once: a body has one reader. */
  get response(): Response {
    return this.stream.response
  }

  /** Ends the stream. Resolves when everything is on its way to the reader, or it has left. Idempotent. */
  abstract close(): Promise<void>

  /** Lets the reader know that there was more to come: without the error's own text, which may hold what it must not know. */
  protected abstract fail(): void

  /**
   * Starts `work` and gives the response at once; the stream ends when the work does. What the work throws goes to
   * `onError`. For a request that wants no body the work is not started.
   */
  run(work: () => Promise<unknown>): Response {
    if (this.#withoutBody) {
      this.stream.leave()
      return this.#withoutBody
    }
    // First the response, so that work which waits for its reader waits for somebody.
    const { response } = this
    const done = Promise.resolve().then(work)
    done.catch((error: unknown) => this.#failed(error)).finally(() => this.close())
    works.set(
      response,
      done.then(
        (left) => (left instanceof Leftover ? left.cleanUp : undefined),
        () => undefined,
      ),
    )
    return response
  }

  #failed(error: unknown): void {
    // What waited on the signal says that it heard it, by the reason or by an AbortError of its own.
    if (this.signal.aborted && (error === this.signal.reason || (error as Error)?.name === 'AbortError')) return
    // Whatever becomes of `onError`, which may be async, the reader is told.
    Promise.resolve()
      .then(() => this.#onError(error))
      .catch(console.error)
    if (this.stream.open) this.fail()
  }
}
