/** On Workers a request ends with its reader: https://developers.cloudflare.com/workers/runtime-apis/context/#waituntil */
import { workOf } from './response-writer.ts'

/** What Workers hand a `fetch` as its third argument. */
interface WorkerContext {
  waitUntil(promise: Promise<unknown>): void
}

/**
 * Lets the source of a response that is a stream come to its `finally`, also where it waits for something else than its
 * signal: Workers give it up to 30 s. For any other runtime's `context` it does nothing.
 */
export function keepWorking(response: Response, context: unknown): void {
  const work = workOf(response)
  if (work) (context as Partial<WorkerContext> | undefined)?.waitUntil?.(work)
}
