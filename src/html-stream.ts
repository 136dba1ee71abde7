/** A page, in pieces that are shown as they come. */

import { type BodySource, bodyStream } from './body-stream.ts'
import { type Html, htmlPiece } from './html.ts'
import { PAGE_HEADERS } from './page-headers.ts'
import type { StreamWriterOptions } from './stream-writer.ts'

/**
 * Streams each piece that `source` yields: `html` as it is, text as text. The source is asked for its next piece when there
 * is room for it, and told through `signal` when the reader leaves. Where each piece closes the elements it opens, what is
 * there is a valid page at any time, for a browser closes the rest.
 *
 * The page may load and run nothing but what is on its own site, no inline script or style, unless `headers` bring a
 * `Content-Security-Policy` of their own. What fails before the first piece is a problem response; what fails later goes to
 * `onError` and breaks the page off.
 *
 * @example
 * ```ts
 * import { html, htmlStream } from 'edge-sse'
 * export default {
 *   fetch: (request: Request): Promise<Response> =>
 *     htmlStream(request, function* () {
 *       yield html`<!doctype html><title>Squares</title><h1>Squares</h1>`
 *       for (let n = 1; n <= 10; n++) yield html`<p>${n} × ${n} = ${n * n}</p>`
 *     }),
 * }
 * ```
 */
export function htmlStream(
  request: Request,
  source: BodySource<Html | string>,
  { headers: init, ...options }: StreamWriterOptions = {},
): Promise<Response> {
  const headers = new Headers(PAGE_HEADERS)
  new Headers(init).forEach((value, name) => {
    headers.set(name, value)
  })
  headers.set('content-type', 'text/html; charset=utf-8')
  return bodyStream(request, source, htmlPiece, { ...options, headers })
}
