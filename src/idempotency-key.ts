/** The key under which a request happens once: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/ */
import { headerText } from './header-text.ts'

/** The value of `Idempotency-Key`, without the quotes that the draft standard puts around it; undefined without one. */
export const getIdempotencyKey = (request: Request): string | undefined => {
  const header = request.headers.get('idempotency-key')
  return header === null ? undefined : headerText(header).replace(/^"(.*)"$/, '$1')
}
