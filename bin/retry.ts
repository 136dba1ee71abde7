/** How long to wait before something is tried again, and what is worth it. */

/** Milliseconds: the first pause at most, and the longest. */
const FIRST = 250
const LONGEST = 10_000

/** Doubles with each attempt, and is drawn: those that were cut off together do not come back together. */
export const backOff = (attempt: number): number =>
  Math.min(LONGEST, FIRST * 2 ** Math.min(attempt, 16)) * (0.5 + Math.random() / 2)

/** Milliseconds of a `Retry-After`: seconds, or a date. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
export function retryAfter(headers: Headers, now: number = Date.now()): number | undefined {
  const text = headers.get('retry-after')?.trim()
  if (!text) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

/** Statuses that another time may not be there: not of a server that will never do it (501, 505). */
export const mayHeal = (status: number): boolean =>
  [408, 425, 429].includes(status) || (status >= 500 && status !== 501 && status !== 505)

/** OpenSSL says it by the address of a thread, and a line of its own source. */
export const isWithoutTls = (code = '', message = ''): boolean =>
  code === 'ERR_SSL_WRONG_VERSION_NUMBER' || (code === 'EPROTO' && message.includes('wrong version number'))
export const WITHOUT_TLS = 'its server does not speak TLS: try http://'

/** What a failed `fetch` says of the network: its own message is always the same. */
export function networkError(error: unknown): { code: string; text: string } {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  // Both addresses of a name were tried.
  const [inner = cause] = cause instanceof AggregateError ? cause.errors : []
  const { code = '', message = '', name = '' } = inner as { code?: string; message?: string; name?: string }
  if (isWithoutTls(code, message)) return { code: 'ERR_SSL_WRONG_VERSION_NUMBER', text: WITHOUT_TLS }
  return { code: code || (message === 'bad port' ? 'BAD_PORT' : name), text: message || code || String(error) }
}

/** Errors of a certificate, and of an address that can never be dialled: they do not go away by themselves. */
export const isForGood = (code: string): boolean =>
  /^(CERT_|ERR_TLS|ERR_SSL_WRONG_VERSION|ERR_INVALID|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|BAD_PORT)/.test(code)
