/** What every page is sent with: https://www.w3.org/TR/CSP3/ */

/** No inline script or style, nothing from elsewhere: what a page shows of strangers' words can do nothing. */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

export const PAGE_HEADERS: Record<string, string> = {
  'content-security-policy': PAGE_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}
