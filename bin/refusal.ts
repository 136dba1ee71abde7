/** Why a server refused, with what it says of it. https://www.rfc-editor.org/rfc/rfc9457 */
import { SseError } from 'edge-sse'

/** What a person reads of an error: that of a server in its own words, where it has some. */
export function explained(error: unknown): unknown {
  if (!(error instanceof SseError) || error.code !== 'refused') return error
  const { title, detail, help, error: inner } = Object(error.cause) as Record<string, unknown>
  const words = [detail ?? Object(inner).message ?? title, help].filter((part) => typeof part === 'string')
  return words.length > 0 ? new Error(`${error.message}: ${words.join('. ')}`) : error
}
