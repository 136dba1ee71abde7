/** What a request says it already has: https://www.rfc-editor.org/rfc/rfc9110#section-13 */

/** What a request is held against. */
export interface Validators {
  /** A strong entity tag, with its quotes. */
  etag: string
  modified: Date | undefined
}

/** 412 and 304 in the order of section 13.2.2; `undefined` where the request goes on. For GET and HEAD. */
export function precondition({ headers }: Request, { etag, modified }: Validators): 412 | 304 | undefined {
  const ifMatch = headers.get('if-match')
  const ifNoneMatch = headers.get('if-none-match')
  if (ifMatch !== null) {
    // Strong: a weak tag says only that two files mean the same.
    if (!isListed(ifMatch, etag)) return 412
  } else if (isAfter(modified, headers.get('if-unmodified-since'))) return 412
  if (ifNoneMatch !== null) return isListed(ifNoneMatch, etag, WEAKLY) ? 304 : undefined
  return isAfter(modified, headers.get('if-modified-since')) === false ? 304 : undefined
}

/** Whether a part of this very file would continue what the request has. https://www.rfc-editor.org/rfc/rfc9110#section-13.1.5 */
export function ifRange({ headers }: Request, { etag, modified }: Validators): boolean {
  const value = headers.get('if-range')
  return value === null || value === etag || value === modified?.toUTCString()
}

const WEAKLY = /^W\//

/** Entity tags are looked for whole: what is between quotes may hold commas. */
function isListed(list: string, etag: string, ignore = /^$/): boolean {
  const tags: string[] = list.match(/(?:W\/)?"[^"]*"/g) ?? []
  return list.trim() === '*' || tags.some((tag) => tag.replace(ignore, '') === etag)
}

/** `undefined` where one of the two is not known, or no date. Dates of HTTP count whole seconds. */
function isAfter(modified: Date | undefined, date: string | null): boolean | undefined {
  const time = Date.parse(date ?? '')
  if (!modified || Number.isNaN(time)) return undefined
  return Math.floor(modified.getTime() / 1_000) * 1_000 > time
}
