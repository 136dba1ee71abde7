/** Tokens as an issuer would sign them, and as nobody should. */
import { exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from 'jose'

export const JWT_SECRET = 'a secret of tokens, of more than thirty-two characters'
export const AUDIENCE = 'edge-sse'

export interface Signing {
  claims?: Record<string, unknown>
  header?: Record<string, unknown>
  key?: CryptoKey | string
}

/** Seconds since 1970, so many from now. */
export const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds

/** A token of Ada that is good for an hour; a claim that is undefined is left out. */
export function tokenOf({ claims = {}, header = {}, key = JWT_SECRET }: Signing = {}): Promise<string> {
  const all = {
    sub: 'ada',
    aud: AUDIENCE,
    exp: inSeconds(3_600),
    rooms: { lobby: ['subscribe', 'publish'] },
    ...claims,
  }
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  return new SignJWT(given)
    .setProtectedHeader({ alg: 'HS256', ...header })
    .sign(typeof key === 'string' ? new TextEncoder().encode(key) : key)
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token put together by hand, with any header and signature. */
export const forged = (header: object, claims: object = {}, signature = ''): string =>
  `${part(header)}.${part({ sub: 'eve', aud: AUDIENCE, exp: inSeconds(3_600), rooms: { '*': ['subscribe', 'publish'] }, ...claims })}.${signature}`

export interface Issuer {
  sign(signing?: Omit<Signing, 'key'>): Promise<string>
  /** Public, as a JWK with this `kid`, and as PEM. */
  jwk: JWK
  pem: string
}

/** An issuer with a key pair of its own. */
export async function newIssuer(alg: string, kid?: string): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const named = kid === undefined ? {} : { kid }
  return {
    sign: ({ claims, header } = {}) =>
      tokenOf({ ...(claims && { claims }), header: { alg, ...named, ...header }, key: privateKey }),
    jwk: { ...(await exportJWK(publicKey)), ...named },
    pem: await exportSPKI(publicKey),
  }
}
