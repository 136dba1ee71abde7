/** The keys of an issuer of tokens, and the algorithms each may be used with: https://www.rfc-editor.org/rfc/rfc8725 */
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  exportJWK,
  importSPKI,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from 'jose'
import { SseError } from '../errors.ts'

export interface JwtIssuer {
  /** What `iss` has to be. Defaults to anything; needed with `jwks`, and where there are several issuers. */
  issuer?: string | undefined
  /** For HS256: at least 32 characters. */
  secret?: string | undefined
  /** Public keys: PEM texts (SPKI), a JWK or a JWK Set as JSON. For RS256 to 512, ES256 to 512, EdDSA. */
  keys?: string | undefined
  /** Where the issuer publishes its JWK Set: https, or http on this machine. Read again after 10 minutes. */
  jwks?: string | undefined
}

/** What verifies the tokens of an issuer. */
export interface JwtKeys {
  algorithms: string[]
  /** The key for a token's header; the algorithm is bound to it by its kind, curve and `alg`. */
  key: Uint8Array | JWTVerifyGetKey
}

const HMAC = ['HS256']
const PUBLIC = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']
/** One of each kind of key, to find out which a PEM text holds. */
const KINDS = ['RS256', 'ES256', 'ES384', 'ES512', 'EdDSA']
/** Characters of the modulus of an RSA key of 2,048 bits, in base64url. */
const SHORTEST_RSA = 342
/** A JWK Set is read in so many milliseconds and bytes, or not at all, and at most once in `cooldown` for an unknown `kid`. */
const READ = { timeout: 5_000, bytes: 65_536, cooldown: 30_000, age: 600_000 }

/** Rejects with `access-not-configured` for what is none: its text is for the operator. */
export async function jwtKeys(issuer: JwtIssuer): Promise<JwtKeys> {
  const { secret, keys, jwks } = issuer
  if ([secret, keys, jwks].filter(Boolean).length !== 1)
    throw notConfigured('an issuer of tokens has one of: secret, keys, jwks')
  if (secret) {
    if (secret.length < 32) throw notConfigured('the secret of the tokens is shorter than 32 characters')
    return { algorithms: HMAC, key: new TextEncoder().encode(secret) }
  }
  if (keys) return { algorithms: PUBLIC, key: configured(await keySet(keys)) }
  if (!issuer.issuer) throw notConfigured('keys that are fetched need the `iss` of their tokens, EDGE_SSE_JWT_ISSUER')
  return { algorithms: PUBLIC, key: fetched(checkUrl(jwks ?? '')) }
}

export const notConfigured = (reason: string): SseError =>
  new SseError('access-not-configured', `Cannot authorize: ${reason}`)

async function keySet(text: string): Promise<JSONWebKeySet> {
  const given = text.trim().startsWith('{') ? parsed(text) : { keys: await fromPem(text) }
  const set = { keys: 'keys' in given && Array.isArray(given.keys) ? given.keys : [given] }
  if (set.keys.length === 0 || !set.keys.every(isPublic))
    throw notConfigured('the keys of the tokens are not public keys')
  if (set.keys.some(({ kty, n = '' }) => kty === 'RSA' && n.length < SHORTEST_RSA))
    throw notConfigured('an RSA key of the tokens has less than 2,048 bits')
  return set
}

const isPublic = (key: unknown): boolean =>
  typeof key === 'object' && key !== null && 'kty' in key && key.kty !== 'oct' && !('d' in key)

function parsed(text: string): object {
  try {
    return JSON.parse(text)
  } catch {
    throw notConfigured('the keys of the tokens are neither PEM nor JSON: it is the text itself, not where it is')
  }
}

/** One or more, one after the other. */
function fromPem(text: string): Promise<object[]> {
  // As it fits into one line of an environment.
  const texts = text.replaceAll('\\n', '\n').match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g)
  return Promise.all((texts ?? ['']).map(onePem))
}

async function onePem(pem: string): Promise<object> {
  for (const algorithm of KINDS) {
    const key = await importSPKI(pem, algorithm, { extractable: true }).catch(() => undefined)
    if (key) return exportJWK(key)
  }
  throw notConfigured('the key of the tokens is no public key in PEM (SPKI): RSA, P-256, P-384, P-521 or Ed25519')
}

/** The key that `kid` names; where no key has a name, `kid` picks none of them. */
function configured(set: JSONWebKeySet): JWTVerifyGetKey {
  const keyFor = createLocalJWKSet(set)
  if (set.keys.some(({ kid }) => kid !== undefined)) return keyFor
  return ({ kid: _, ...header }, token) => keyFor(header, token)
}

function checkUrl(text: string): URL {
  const url = URL.parse(text)
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(url?.hostname ?? '')
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isHere)) return url
  throw notConfigured('the address of the JWK Set is no https URL')
}

function fetched(url: URL): JWTVerifyGetKey {
  const set = createRemoteJWKSet(url, {
    timeoutDuration: READ.timeout,
    cooldownDuration: READ.cooldown,
    cacheMaxAge: READ.age,
    [customFetch]: limited,
  })
  return async (header, token) => {
    try {
      return await set(header, token)
    } catch (cause) {
      if (cause instanceof errors.JWKSNoMatchingKey || cause instanceof errors.JWKSMultipleMatchingKeys) throw cause
      if (cause instanceof errors.JOSENotSupported) throw cause
      throw new SseError('keys-unavailable', 'Cannot authorize: the keys that check tokens could not be fetched', {
        cause,
      })
    }
  }
}

/** A response of no more than a JWK Set needs. */
async function limited(url: string, init: RequestInit): Promise<Response> {
  const { status, body } = await fetch(url, init)
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let bytes = 0
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array<ArrayBuffer>>) {
    bytes += chunk.byteLength
    if (bytes > READ.bytes) throw new Error(`The JWK Set is longer than ${READ.bytes} bytes`)
    chunks.push(chunk)
  }
  return new Response(new Blob(chunks), { status: status === 200 ? 200 : 502 })
}
