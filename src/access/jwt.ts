/** Everybody who brings a token may do what it says: https://www.rfc-editor.org/rfc/rfc7519 */
import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
  type ProtectedHeaderParameters,
} from 'jose'
import { SseError } from '../errors.ts'
import type { Access, Grant } from './access.ts'
import { bearerToken, cookieToken, unauthorized } from './bearer.ts'
import { type JwtIssuer, type JwtKeys, jwtKeys, notConfigured } from './jwt-keys.ts'
import type { Origins } from './origins.ts'
import { allows } from './rights.ts'

export interface JwtAccessOptions {
  /** Who may sign, and with what. */
  issuers: readonly JwtIssuer[]
  /** What `aud` has to hold. Defaults to `edge-sse`. */
  audience?: string | undefined
  /** The claim that holds `rooms` and `can`, for issuers that put theirs under a name. Defaults to the token itself. */
  claim?: string | undefined
  /** A cookie that may hold the token instead, for `EventSource`, which sends no header. Defaults to none. */
  cookie?: { name: string; origins: Origins } | undefined
}

/** What a header must not bring along: a key, or the way to one. */
const FOREIGN = ['jwk', 'jku', 'x5u', 'x5c']

/**
 * Rights by room, from the claims of a token: `{"rooms": {"lobby": ["subscribe", "publish"], "team-*": ["subscribe"]}}`,
 * and `{"can": ["admin"]}` for what is about no room. `exp` and `aud` are required; `sub` is the subject.
 *
 * A token that is no good in any way rejects with the same `unauthorized`; `keys-unavailable` when a JWK Set could not
 * be fetched.
 *
 * @example
 * ```ts
 * import { jwtAccess } from 'edge-sse/access'
 * const access = jwtAccess({ issuers: [{ secret: 'at least thirty-two characters of it' }] })
 * export const mayRead = async (request: Request): Promise<boolean> =>
 *   Boolean(await access.authorize(request, 'lobby', 'subscribe'))
 * ```
 */
export function jwtAccess({ issuers, audience = 'edge-sse', claim, cookie }: JwtAccessOptions): Access {
  /** Not promises: on Workers those of a request that was cancelled would never settle. */
  const keys = new Map<JwtIssuer, JwtKeys>()
  const keysOf = async (issuer: JwtIssuer): Promise<JwtKeys> => {
    const known = keys.get(issuer) ?? (await jwtKeys(issuer))
    keys.set(issuer, known)
    return known
  }
  const check = async (): Promise<void> => {
    if (issuers.length === 0) throw notConfigured('there is no issuer of tokens')
    for (const issuer of issuers) await keysOf(issuer)
  }
  return {
    check,
    async authorize(request, room, action) {
      await check()
      const token = bearerToken(request) ?? fromCookie(request, cookie)
      if (token === undefined) throw unauthorized('none')
      const issuer = issuerOf(token, issuers)
      const options = { audience, requiredClaims: ['exp'], ...(issuer.issuer && { issuer: issuer.issuer }) }
      const claims = await verified(token, await keysOf(issuer), options)
      const grant = grantOf(claims, issuers.length > 1)
      const rights = claim === undefined ? claims : claims[claim]
      return typeof rights === 'object' && rights !== null && allows(rights, room, action) && grant
    },
  }
}

/** Rejects with `unauthorized`, and with `keys-unavailable`. */
async function verified(token: string, { algorithms, key }: JwtKeys, rules: JWTVerifyOptions): Promise<JWTPayload> {
  const options = { ...rules, algorithms }
  try {
    // One call for each: the two kinds of keys have types of their own.
    const { payload } = await (typeof key === 'function'
      ? jwtVerify(token, key, options)
      : jwtVerify(token, key, options))
    return payload
  } catch (cause) {
    throw cause instanceof SseError ? cause : unauthorized(reasonOf(cause))
  }
}

/** The claim that is wrong, or what else is, in jose's words. */
const reasonOf = (cause: unknown): string => {
  if (cause instanceof errors.JWTClaimValidationFailed || cause instanceof errors.JWTExpired) return cause.claim
  return cause instanceof errors.JOSEError ? cause.code.replace(/^ERR_/, '').toLowerCase() : 'key'
}

function fromCookie(request: Request, cookie: JwtAccessOptions['cookie']): string | undefined {
  const token = cookie && cookieToken(request, cookie.name)
  // A cookie comes with whatever any page makes its browser ask.
  if (token !== undefined) cookie?.origins.check(request)
  return token
}

/** The one whose keys are to verify a token that says it is its own; what it says else is not looked at before. */
function issuerOf(token: string, issuers: readonly JwtIssuer[]): JwtIssuer {
  const { header, iss } = decoded(token)
  const foreign = FOREIGN.find((name) => name in header)
  if (foreign) throw unauthorized(foreign)
  if (header.kid !== undefined && !isKeyId(header.kid)) throw unauthorized('kid')
  const issuer = issuers.length === 1 ? issuers[0] : issuers.find((each) => each.issuer === iss)
  if (!issuer) throw unauthorized('iss')
  return issuer
}

function decoded(token: string): { header: ProtectedHeaderParameters; iss: string | undefined } {
  try {
    return { header: decodeProtectedHeader(token), iss: decodeJwt(token).iss }
  } catch {
    throw unauthorized('form')
  }
}

/** What names one of the configured keys: never a path or an address, nor anything that would be looked up. */
const isKeyId = (kid: unknown): boolean =>
  typeof kid === 'string' && /^[\w.~+/=:@-]{1,128}$/.test(kid) && !/^[./]|\.\.|\/\//.test(kid)

function grantOf({ iss, sub = '', exp = 0 }: JWTPayload, several: boolean): Grant {
  // Of two issuers, each has an Ada of its own.
  const subject = several ? JSON.stringify([iss, sub]) : sub
  if (typeof sub !== 'string' || subject.length > 512) throw unauthorized('sub')
  return { subject, expires: Math.min(exp * 1000, Number.MAX_SAFE_INTEGER) }
}
