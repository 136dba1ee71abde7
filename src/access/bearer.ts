/** The token a request brings: https://www.rfc-editor.org/rfc/rfc6750 */
import { SseError } from '../errors.ts'

/** Characters of a token: one that holds rights for many rooms is well below. */
const LONGEST = 8_192

/**
 * One answer for all that can be wrong with a token: what exactly is nobody's business who has no good one. The log is
 * told, in a word of ours: `none`, `aud`, `exp`, `kid` …
 */
export const unauthorized = (reason: string): SseError =>
  new SseError('unauthorized', 'Cannot authorize: there is no valid token', { field: reason })

/** The bearer token of `Authorization`; undefined without that header. Throws `unauthorized`, and `malformed-request` for two. */
export function bearerToken(request: Request): string | undefined {
  const authorization = request.headers.get('authorization')
  if (authorization === null) return undefined
  // Two headers arrive joined by a comma, which no bearer token holds.
  if (/^bearer .*,|, *bearer /i.test(authorization))
    throw new SseError('malformed-request', 'Cannot authorize: there is more than one Authorization header')
  const [, token] = /^bearer +([^ ]+) *$/i.exec(authorization) ?? []
  return checkToken(token)
}

/** The value of a cookie; undefined without one. Throws `malformed-request` where two have that name. */
export function cookieToken(request: Request, name: string): string | undefined {
  const values = (request.headers.get('cookie') ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
  // Which of the two a browser sends first, another host of its site may decide.
  if (values.length > 1) throw new SseError('malformed-request', 'Cannot authorize: two cookies have the same name')
  return values[0] === undefined ? undefined : checkToken(values[0])
}

function checkToken(token: string | undefined): string {
  if (!token || token.length > LONGEST) throw unauthorized(token ? 'length' : 'scheme')
  return token
}
