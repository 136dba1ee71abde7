/** A URL for eyes and logs: what opens something in it is left out. */

/** Parts of the names that queries have for it: `ticket`, `access_token`, `X-Amz-Signature`, `apikey`, `sig` … */
const SECRET =
  /([?&#;][^=&#;]*(?:ticket|token|secret|key|passw|auth|sig|jwt|session|credential|code)[^=&#;]*=)[^&#;]+/gi

/** Names, passwords and tickets are `…`. Takes also what is no URL, such as one that was mistyped. */
export const shownUrl = (text: string): string => text.replace(/^([^/?#]*\/\/)?[^/?#]*@/, '$1…@').replace(SECRET, '$1…')
