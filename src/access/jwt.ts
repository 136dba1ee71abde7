/** Everybody who brings a token may do what it says: https://www.rfc-editor.org/rfc/rfc7519 */
import { decodeJwt, decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose'
import { SseError } from '../errors.ts'
import type { Access, Grant } from './access.ts'
import { bearerToken, cookieToken, unauthorized } from './bearer.ts'
import { type JwtIssuer, type JwtKeys, jwtKeys } from './jwt-keys.ts'
import type { Origins } from './origins.ts'
import { allows, type Rights } from './rights.ts'

export interface JwtAccessOptions {
  /** Who may sign, and with what. */
  issuers: readonly JwtIssuer[]
  /** What `aud` has to hold. Defaults to `edge-sse`. */
  audience?: string | undefined
  /** A cookie that may hold the token instead, for `EventSource`, which sends no header. Defaults to none. */
  cookie?: { name: string; origins: Origins } | undefined
}

/** What a header must not bring along: a key, or the way to one. */
const FOREIGN = ['jwk', 'jku', 'x5u', 'x5c', 'x5t', 'x5t#S256']

/**
 * Rights by room, from the claims of a token: `{"rooms": {"lobby": ["subscribe", "publish"], "team-*": ["subscribe"]}}`,
 * and `{"can": ["answer"]}` for what is about no room. `exp` and `aud` are required; `sub` is the subject.
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
export function jwtAccess({ issuers, audience = 'edge-sse', cookie }: JwtAccessOptions): Access {
  /** Not promises: on Workers those of a request that was cancelled would never settle. */
  const keys = new Map<JwtIssuer, JwtKeys>()
  const keysOf = async (issuer: JwtIssuer): Promise<JwtKeys> => {
    const known = keys.get(issuer) ?? (await jwtKeys(issuer))
    keys.set(issuer, known)
    return known
  }
  return {
    async authorize(request, room, action) {
      const token = bearerToken(request) ?? fromCookie(request, cookie)
      const issuer = token === undefined ? undefined : issuerOf(token, issuers)
      // Whoever brings no token is told of a key that is none, too: it is the operator who tries.
      const { algorithms, key } = await keysOf(issuer ?? (issuers[0] as JwtIssuer))
      if (token === undefined || !issuer) throw unauthorized()
      const options = { algorithms, audience, requiredClaims: ['exp'], ...(issuer.issuer && { issuer: issuer.issuer }) }
      let claims: JWTPayload & Rights
      try {
        // One call for each: the two kinds of keys have types of their own.
        claims = (
          await (typeof key === 'function'
            ? jwtVerify<Rights>(token, key, options)
            : jwtVerify<Rights>(token, key, options))
        ).payload
      } catch (cause) {
        throw cause instanceof SseError ? cause : unauthorized()
      }
      const grant = grantOf(claims, issuers.length > 1)
      return allows(claims, room, action) && grant
    },
  }
}

function fromCookie(request: Request, cookie: JwtAccessOptions['cookie']): string | undefined {
  const token = cookie && cookieToken(request, cookie.name)
  // A cookie comes with whatever any page makes its browser ask.
  if (token !== undefined) cookie?.origins.check(request)
  return token
}

/** The one whose keys are to verify a token that says it is its own; what it says else is not looked at before. */
function issuerOf(token: string, issuers: readonly JwtIssuer[]): JwtIssuer | undefined {
  try {
    const header = decodeProtectedHeader(token)
    if (FOREIGN.some((name) => name in header)) return undefined
    if (header.kid !== undefined && !isKeyId(header.kid)) return undefined
    const [first, ...others] = issuers
    if (others.length === 0) return first
    const { iss } = decodeJwt(token)
    return issuers.find(({ issuer }) => issuer === iss)
  } catch {
    return undefined // It is no token.
  }
}

/** What names one of the configured keys: never a path or an address, nor anything that would be looked up. */
const isKeyId = (kid: unknown): boolean =>
  typeof kid === 'string' && /^[\w.~+/=-]{1,128}$/.test(kid) && !/^[./]|\.\.|\/\//.test(kid)

function grantOf({ iss, sub = '', exp = 0 }: JWTPayload, several: boolean): Grant {
  // Of two issuers, each has an Ada of its own.
  const subject = several ? JSON.stringify([iss, sub]) : sub
  if (typeof sub !== 'string' || subject.length > 512) throw unauthorized()
  return { subject, expires: Math.min(exp * 1000, Number.MAX_SAFE_INTEGER) }
}
