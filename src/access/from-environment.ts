/** Which access the environment asks for. */
import type { Access } from './access.ts'
import { type Authorize, customAccess } from './custom.ts'
import { jwtAccess } from './jwt.ts'
import { type JwtIssuer, notConfigured } from './jwt-keys.ts'
import { openAccess } from './open.ts'
import { Origins } from './origins.ts'
import { secretAccess } from './secret.ts'
import { ticketsFrom } from './tickets.ts'

export interface AccessEnvironment {
  /** `open`: everyone on this machine. Given on the command line alone, as `npm start` does. */
  EDGE_SSE_ACCESS?: string | undefined
  /** Clients send it as a bearer token, and may do everything. Beside tokens with rights it is for servers. */
  EDGE_SSE_SECRET?: string | undefined
  /** One of these three says what the tokens of one issuer are verified with: see `JwtIssuer`. */
  EDGE_SSE_JWT_SECRET?: string | undefined
  EDGE_SSE_JWT_KEYS?: string | undefined
  EDGE_SSE_JWKS_URL?: string | undefined
  /** What `iss` and `aud` of the tokens are. Default to anything, and `edge-sse`. */
  EDGE_SSE_JWT_ISSUER?: string | undefined
  EDGE_SSE_JWT_AUDIENCE?: string | undefined
  /** The claim that holds the rights. Defaults to the token itself. */
  EDGE_SSE_JWT_CLAIM?: string | undefined
  /** Several issuers instead: a JSON list of `{issuer, secret | keys | jwks}`. */
  EDGE_SSE_JWT_ISSUERS?: string | undefined
  /** Name of a cookie that may hold a token. */
  EDGE_SSE_COOKIE?: string | undefined
  /** Origins whose pages may use this server, with spaces or commas between. */
  EDGE_SSE_ORIGINS?: string | undefined
  /** Signs tickets, at least 32 characters. Defaults to one of the secrets above that is as long. */
  EDGE_SSE_TICKET_SECRET?: string | undefined
}

/** What an app needs to know of who asks. */
export interface Guard {
  access: Access
  origins: Origins
}

/** `own` is put before what the environment asks for. A mistake in that lets nobody in; `check` says which. */
export function guardFrom(env: AccessEnvironment, own?: Authorize): Guard {
  try {
    const origins = originsFrom(env)
    const access = modeFrom(env, origins)
    // Where everyone is let in, a ticket lets in nobody else.
    const secret = ticketSecret(env) ?? (access === openAccess ? 'open' : undefined)
    const guarded = { ...access, tickets: secret === undefined ? undefined : ticketsFrom(secret) }
    return { origins, access: own ? customAccess(own, guarded) : guarded }
  } catch (error) {
    return { origins: new Origins(), access: nobody(error) }
  }
}

function modeFrom(env: AccessEnvironment, origins: Origins): Access {
  const { EDGE_SSE_SECRET: secret, EDGE_SSE_ACCESS: mode, EDGE_SSE_COOKIE: cookie } = env
  if (secret && /[\s,]/.test(secret)) throw notConfigured('EDGE_SSE_SECRET holds a space or comma, no token does')
  const issuers = issuersFrom(env)
  if (cookie && !/^[\w!#$%&'*+.^`|~-]+$/.test(cookie)) throw notConfigured('EDGE_SSE_COOKIE is no name of a cookie')
  if (cookie && issuers.length === 0) throw notConfigured('EDGE_SSE_COOKIE is set, and no key for the token in it')
  const byToken =
    issuers.length > 0
      ? jwtAccess({
          issuers,
          audience: env.EDGE_SSE_JWT_AUDIENCE || undefined,
          claim: env.EDGE_SSE_JWT_CLAIM || undefined,
          cookie: cookie ? { name: cookie, origins } : undefined,
        })
      : undefined
  if (secret) return secretAccess(secret, byToken)
  if (byToken) return byToken
  if (mode === 'open') return openAccess
  // No mistake: it may be started like that.
  const { authorize } = nobody(notConfigured('none of EDGE_SSE_SECRET, EDGE_SSE_JWT_… and EDGE_SSE_ACCESS is set'))
  return { authorize }
}

/** Lets nobody in, for a reason. */
export const nobody = (error: unknown): Access => ({
  authorize() {
    throw error
  },
  check: () => Promise.reject(error),
})

function issuersFrom(env: AccessEnvironment): JwtIssuer[] {
  const { EDGE_SSE_JWT_SECRET: secret, EDGE_SSE_JWT_KEYS: keys, EDGE_SSE_JWKS_URL: jwks } = env
  const one = [secret, keys, jwks].filter(Boolean).length
  const several = env.EDGE_SSE_JWT_ISSUERS
  if (one > 1 || (one > 0 && several))
    throw notConfigured(
      'more than one of EDGE_SSE_JWT_SECRET, EDGE_SSE_JWT_KEYS, EDGE_SSE_JWKS_URL and EDGE_SSE_JWT_ISSUERS is set',
    )
  if (one === 1) return [{ issuer: env.EDGE_SSE_JWT_ISSUER || undefined, secret, keys, jwks }]
  return several ? listed(several) : []
}

function listed(text: string): JwtIssuer[] {
  const mistake = notConfigured('EDGE_SSE_JWT_ISSUERS is no JSON list of {"issuer", "secret" | "keys" | "jwks"}')
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch {
    throw mistake
  }
  const isIssuer = (item: unknown): item is JwtIssuer =>
    typeof item === 'object' &&
    item !== null &&
    Object.values(item).every((value) => typeof value === 'string') &&
    Boolean((item as JwtIssuer).issuer)
  if (!Array.isArray(list) || list.length === 0 || !list.every(isIssuer)) throw mistake
  if (new Set(list.map(({ issuer }) => issuer)).size < list.length)
    throw notConfigured('EDGE_SSE_JWT_ISSUERS names an issuer twice')
  return list
}

function originsFrom({ EDGE_SSE_ORIGINS: text = '', EDGE_SSE_COOKIE: cookie }: AccessEnvironment): Origins {
  const origins = text.split(/[\s,]+/).filter(Boolean)
  for (const origin of origins)
    if (origin === 'null' || URL.parse(origin)?.origin !== origin)
      throw notConfigured('EDGE_SSE_ORIGINS holds what is no origin like https://app.example')
  return new Origins(origins, Boolean(cookie))
}

/** One that is short could be guessed from a ticket, by whoever has one, without asking us. */
function ticketSecret(env: AccessEnvironment): string | undefined {
  const { EDGE_SSE_TICKET_SECRET: own, EDGE_SSE_SECRET: secret, EDGE_SSE_JWT_SECRET: jwt } = env
  if (own && own.length < 32) throw notConfigured('EDGE_SSE_TICKET_SECRET is shorter than 32 characters')
  return [own, secret, jwt].find((text) => text && text.length >= 32)
}
