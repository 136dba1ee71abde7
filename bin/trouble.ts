/** What is wrong with a connection that is dialled again, for a person. Not printable: a server may have written it. */
import type { ConnectionState } from 'edge-sse/client'
import { explained } from './refusal.ts'
import { networkError } from './retry.ts'

export function troubleOf({ phase, error }: Pick<ConnectionState, 'phase' | 'error'>): string {
  if (phase === 'stalled') return 'The server is silent'
  if (error === undefined) return 'The stream ended'
  return `The connection failed: ${networkError(explained(error)).text}`
}
