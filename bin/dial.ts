/** `fetch` for `connect`: what will not heal by itself is said at once, and not tried again. */
import { SseError } from 'edge-sse'
import { isForGood, networkError } from './retry.ts'

export async function dial(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch (error) {
    const { code, text } = networkError(error)
    throw isForGood(code) ? new SseError('cannot-open', `Cannot connect: ${text}`, { cause: error }) : error
  }
}
