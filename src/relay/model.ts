/** Who answers: the contract of a model. */
import type { ChatRequest } from './chat-request.ts'

export interface AskContext {
  /** Aborts when nobody wants the answer any more. */
  signal: AbortSignal
  /** Headers of the request that a model may see: those of tracing. */
  headers?: Record<string, string> | undefined
}

/**
 * Answers in pieces, each the text of a chunk as JSON, without the `[DONE]` at the end: an answer that does not come to its
 * end throws. It ends at once when `signal` aborts. Throws an `SseError`: `upstream-refused`, `-rejected`, `-busy`,
 * `-timeout`, `-reset`, `-malformed`, `-incomplete`, `-too-large`, `-failed`.
 */
export type Ask = (request: ChatRequest, context: AskContext) => AsyncIterable<string>

export interface Model {
  /** As clients call it. */
  name: string
  /** Who serves it. */
  provider: string
  ask: Ask
  /**
   * Milliseconds in which a failure is still the status of the response, because that waits for the first piece as long.
   * Defaults to 500.
   */
  statusWithin?: number | undefined
}

export interface Models {
  /** All that are configured, in that order. */
  list: readonly Pick<Model, 'name' | 'provider'>[]
  /** The one of that name, or the first. Throws `unknown-provider` (404). */
  find(name?: string | undefined): Model
}
