/** The sites whose pages may use this server: https://fetch.spec.whatwg.org/#http-cors-protocol */
import { SseError } from '../errors.ts'

const ALLOWED_HEADERS = 'last-event-id, authorization, idempotency-key, content-type'
const EXPOSED_HEADERS = 'edge-sse-stream, retry-after'

export class Origins {
  readonly #listed: ReadonlySet<string>
  readonly #credentials: boolean

  /** Origins as browsers send them, `https://app.example`. `credentials`: their cookies count too. */
  constructor(listed: Iterable<string> = [], credentials: boolean = false) {
    this.#listed = new Set(listed)
    this.#credentials = credentials
  }

  /** Lets a page of a listed origin read the answer, whatever it is. */
  allow(request: Request, { headers }: Response): void {
    if (this.#listed.size === 0 || headers.get('access-control-allow-origin') === '*') return
    headers.append('vary', 'Origin')
    const origin = request.headers.get('origin')
    if (origin === null || !this.#listed.has(origin)) return
    headers.set('access-control-allow-origin', origin)
    if (this.#credentials) headers.set('access-control-allow-credentials', 'true')
    if (request.method !== 'OPTIONS') return headers.set('access-control-expose-headers', EXPOSED_HEADERS)
    headers.set('access-control-allow-methods', headers.get('allow') ?? '')
    headers.set('access-control-allow-headers', allowedHeaders(request))
    headers.set('access-control-max-age', '7200') // Browsers take no longer one.
  }

  /**
   * For what a browser sends by itself, a cookie: throws `origin-not-allowed` unless a page of this server or of a listed
   * origin has asked. https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
   */
  check(request: Request): void {
    const site = request.headers.get('sec-fetch-site')
    const origin = request.headers.get('origin') ?? originOf(request.headers.get('referer'))
    const isOwn = origin === undefined ? site === 'same-origin' : isSame(origin, request.url)
    if (origin !== undefined && this.#listed.has(origin)) return
    if (isOwn && (site === null || site === 'same-origin')) return
    throw new SseError('origin-not-allowed', 'Cannot authorize: a cookie counts for pages of listed origins alone')
  }
}

/** What is made for OpenAI's routes sends headers of its own, and more with each version. */
function allowedHeaders({ url, headers }: Request): string {
  const asked = headers.get('access-control-request-headers') ?? ''
  const isTheirs =
    new URL(url).pathname.startsWith('/v1/') && asked.length <= 2_048 && /^[\w-]+(\s*,\s*[\w-]+)*$/.test(asked)
  return isTheirs ? asked : ALLOWED_HEADERS
}

const originOf = (referer: string | null): string | undefined => URL.parse(referer ?? '')?.origin

/** A page of this very host; over TLS also where that ends before us. */
function isSame(origin: string, url: string): boolean {
  const page = URL.parse(origin)
  const here = new URL(url)
  return page !== null && page.host === here.host && (page.protocol === here.protocol || page.protocol === 'https:')
}
