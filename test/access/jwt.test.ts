import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Access } from '../../src/access/access.ts'
import { type JwtAccessOptions, jwtAccess } from '../../src/access/jwt.ts'
import { Origins } from '../../src/access/origins.ts'
import { forged, inSeconds, JWT_SECRET, newIssuer, tokenOf } from './tokens.ts'

const asks = (token: string | undefined, headers: Record<string, string> = {}): Request =>
  new Request('http://localhost:8787/rooms/lobby/events', {
    headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
  })
const ask = async (access: Access, token: string | undefined, room = 'lobby', action = 'subscribe' as const) =>
  access.authorize(asks(token), room, action)
const hmac = (options: Partial<JwtAccessOptions> = {}): Access =>
  jwtAccess({ issuers: [{ secret: JWT_SECRET }], ...options })
const unauthorized = { code: 'unauthorized', message: 'Cannot authorize: there is no valid token' }

describe('jwtAccess', () => {
  it('gives who may the subject of the token and its end', async () => {
    const exp = inSeconds(60)
    expect(await ask(hmac(), await tokenOf({ claims: { exp } }))).toEqual({ subject: 'ada', expires: exp * 1000 })
    expect(await ask(hmac(), await tokenOf({ claims: { sub: undefined } }))).toMatchObject({ subject: '' })
  })

  it('refuses what the token does not allow', async () => {
    const token = await tokenOf({ claims: { rooms: { 'team-1': ['subscribe'] } } })
    const access = hmac()
    expect(await ask(access, token, 'team-1')).toBeTruthy()
    expect(await ask(access, token, 'team-10')).toBe(false)
    expect(await access.authorize(asks(token), 'team-1', 'publish')).toBe(false)
  })

  it.each([
    ['none at all', undefined],
    ['no token', 'x'],
    ['alg none', forged({ alg: 'none' })],
    ['alg NoNe', forged({ alg: 'NoNe' }, {}, 'x')],
    ['no alg', forged({})],
    ['another secret', tokenOf({ key: JWT_SECRET.replace('a', 'b') })],
    ['another algorithm of the same key', tokenOf({ header: { alg: 'HS512' } })],
    ['a key of its own', tokenOf({ header: { jwk: { kty: 'oct', k: 'AAAA' } } })],
    ['the address of a key', tokenOf({ header: { jku: 'http://127.0.0.1:1/jwks.json' } })],
    ['a certificate', tokenOf({ header: { x5u: 'http://127.0.0.1:1/' } })],
    ['a chain of certificates', tokenOf({ header: { x5c: ['AAAA'] } })],
    ['a path as kid', tokenOf({ header: { kid: '../../../../dev/null' } })],
    ['an absolute path as kid', tokenOf({ header: { kid: '/dev/null' } })],
    ['a URL as kid', tokenOf({ header: { kid: 'http://evil.example/key' } })],
    ['SQL as kid', tokenOf({ header: { kid: "x' UNION SELECT 'y" } })],
    ['a kid that is no text', forged({ alg: 'HS256', kid: 7 })],
    [
      'an extension that is unknown',
      tokenOf({ header: { crit: ['exp'] } }).catch(() => forged({ alg: 'HS256', crit: ['b'] })),
    ],
    ['expired', tokenOf({ claims: { exp: inSeconds(-1) } })],
    ['not yet valid', tokenOf({ claims: { nbf: inSeconds(60) } })],
    ['no exp', tokenOf({ claims: { exp: undefined } })],
    ['an exp that is text', forged({ alg: 'HS256' }, { exp: '9999999999' })],
    ['no aud', tokenOf({ claims: { aud: undefined } })],
    ['another aud', tokenOf({ claims: { aud: 'edge-sse-2' } })],
    ['a long subject', tokenOf({ claims: { sub: 'x'.repeat(513) } })],
    ['a long token', tokenOf({ claims: { sub: 'x'.repeat(9_000) } })],
    ['a cut signature', tokenOf().then((token) => token.slice(0, -2))],
    ['a signature with a tail', tokenOf().then((token) => `${token}AA`)],
    ['five parts', tokenOf().then((token) => `${token}.a.b`)],
  ])('is the same `unauthorized` for %s', async (_, token) => {
    await expect(ask(hmac(), await token)).rejects.toMatchObject(unauthorized)
  })

  it('takes one of several audiences, and its own where it is told one', async () => {
    expect(await ask(hmac(), await tokenOf({ claims: { aud: ['other', 'edge-sse'] } }))).toBeTruthy()
    expect(await ask(hmac({ audience: 'chat' }), await tokenOf({ claims: { aud: 'chat' } }))).toBeTruthy()
    await expect(ask(hmac({ audience: 'chat' }), await tokenOf())).rejects.toMatchObject(unauthorized)
  })

  it.each(['RS256', 'RS512', 'ES256', 'ES384', 'ES512', 'Ed25519', 'EdDSA'])(
    'verifies %s with a PEM text, a JWK and a JWK Set',
    async (alg) => {
      const issuer = await newIssuer(alg)
      const token = await issuer.sign()
      for (const keys of [
        issuer.pem,
        issuer.pem.replaceAll('\n', '\\n'),
        JSON.stringify(issuer.jwk),
        JSON.stringify({ keys: [issuer.jwk] }),
      ])
        expect(await ask(jwtAccess({ issuers: [{ keys }] }), token)).toMatchObject({ subject: 'ada' })
    },
  )

  it('takes a token that names its key for one of a key without a name, and one with a thumbprint', async () => {
    const [one, other] = await Promise.all([newIssuer('ES256'), newIssuer('RS256')])
    for (const header of [{ kid: 'urn:k:1' }, { x5t: 'AAAA', 'x5t#S256': 'BBBB' }, {}]) {
      expect(await ask(jwtAccess({ issuers: [{ keys: one.pem }] }), await one.sign({ header }))).toBeTruthy()
      const both = jwtAccess({ issuers: [{ keys: `${one.pem}\n${other.pem}` }] })
      for (const issuer of [one, other]) expect(await ask(both, await issuer.sign({ header }))).toBeTruthy()
    }
    const named = JSON.stringify({ ...one.jwk, kid: 'urn:k:1' })
    const access = jwtAccess({ issuers: [{ keys: named }] })
    expect(await ask(access, await one.sign({ header: { kid: 'urn:k:1' } }))).toBeTruthy()
    await expect(ask(access, await one.sign({ header: { kid: 'urn:k:2' } }))).rejects.toMatchObject(unauthorized)
  })

  it('takes the rights from the claim that it is told, and from nowhere else', async () => {
    const access = hmac({ claim: 'https://app.example/rights' })
    const rights = { rooms: { lobby: ['subscribe'] } }
    expect(await ask(access, await tokenOf({ claims: { 'https://app.example/rights': rights } }))).toBeTruthy()
    for (const wrong of [undefined, null, 'lobby', ['lobby'], { rooms: {} }])
      expect(await ask(access, await tokenOf({ claims: { 'https://app.example/rights': wrong } }))).toBe(false)
  })

  it('tells the log what is wrong with a token, in a word', async () => {
    const reason = async (token: string | undefined): Promise<unknown> => ask(hmac(), token).catch(({ field }) => field)
    expect(await reason(undefined)).toBe('none')
    expect(await reason('x')).toBe('form')
    expect(await reason(await tokenOf({ claims: { aud: 'other' } }))).toBe('aud')
    expect(await reason(await tokenOf({ claims: { exp: inSeconds(-1) } }))).toBe('exp')
    expect(await reason(await tokenOf({ header: { jwk: {} } }))).toBe('jwk')
    expect(await reason(await tokenOf({ key: `${JWT_SECRET}!` }))).toBe('jws_signature_verification_failed')
    expect(await reason(forged({ alg: 'none' }))).toBe('jose_alg_not_allowed')
  })

  it('takes a public key for no secret', async () => {
    const issuer = await newIssuer('RS256')
    const access = jwtAccess({ issuers: [{ keys: issuer.pem }] })
    for (const key of [issuer.pem, JSON.stringify(issuer.jwk)])
      await expect(ask(access, await tokenOf({ key }))).rejects.toMatchObject(unauthorized)
  })

  it('takes the algorithm of a key that names it, and no other', async () => {
    const issuer = await newIssuer('RS256')
    const keys = JSON.stringify({ ...issuer.jwk, alg: 'RS384' })
    await expect(ask(jwtAccess({ issuers: [{ keys }] }), await issuer.sign())).rejects.toMatchObject(unauthorized)
  })

  it('picks the key by its kid, among those that are configured', async () => {
    const [first, second, foreign] = await Promise.all(['one', 'two', 'one'].map((kid) => newIssuer('ES256', kid)))
    const access = jwtAccess({ issuers: [{ keys: JSON.stringify({ keys: [first?.jwk, second?.jwk] }) }] })
    expect(await ask(access, await first?.sign())).toBeTruthy()
    expect(await ask(access, await second?.sign())).toBeTruthy()
    await expect(ask(access, await second?.sign({ header: { kid: 'one' } }))).rejects.toMatchObject(unauthorized)
    await expect(ask(access, await second?.sign({ header: { kid: 'three' } }))).rejects.toMatchObject(unauthorized)
    await expect(ask(access, await foreign?.sign())).rejects.toMatchObject(unauthorized)
    // Which of two keys it is has to be said.
    await expect(ask(access, await first?.sign({ header: { kid: undefined } }))).rejects.toMatchObject(unauthorized)
  })

  it('binds keys to their issuer, and subjects too', async () => {
    const [a, b] = await Promise.all([newIssuer('ES256', 'k'), newIssuer('ES256', 'k')])
    const access = jwtAccess({
      issuers: [
        { issuer: 'https://a.example', keys: JSON.stringify(a.jwk) },
        { issuer: 'https://b.example', keys: JSON.stringify(b.jwk) },
      ],
    })
    const claims = { iss: 'https://a.example' }
    expect(await ask(access, await a.sign({ claims }))).toMatchObject({ subject: '["https://a.example","ada"]' })
    await expect(ask(access, await b.sign({ claims }))).rejects.toMatchObject(unauthorized)
    for (const iss of ['https://c.example', '', undefined])
      await expect(ask(access, await a.sign({ claims: { iss } }))).rejects.toMatchObject(unauthorized)
    const alone = jwtAccess({ issuers: [{ issuer: 'https://a.example', secret: JWT_SECRET }] })
    expect(await ask(alone, await tokenOf({ claims }))).toMatchObject({ subject: 'ada' })
    await expect(ask(alone, await tokenOf())).rejects.toMatchObject(unauthorized)
  })

  it.each([
    ['a short secret', { secret: 'x'.repeat(31) }],
    ['two kinds of keys', { secret: JWT_SECRET, keys: '{}' }],
    ['none', {}],
    ['an RSA key of 1,024 bits', { keys: JSON.stringify({ kty: 'RSA', e: 'AQAB', n: 'A'.repeat(171) }) }],
    ['a private key in PEM', { keys: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----' }],
    ['a private key', { keys: '{"kty":"EC","crv":"P-256","x":"a","y":"b","d":"c"}' }],
    ['a secret as a JWK', { keys: '{"kty":"oct","k":"AAAA"}' }],
    ['an empty set', { keys: '{"keys":[]}' }],
    ['no key', { keys: 'hello' }],
    ['broken JSON', { keys: '{' }],
    ['a set over http', { issuer: 'a', jwks: 'http://id.example/jwks.json' }],
    ['a set of nobody', { jwks: 'https://id.example/jwks.json' }],
  ])('lets nobody in with %s, and says that to the operator', async (_, issuer) => {
    for (const token of [undefined, await tokenOf()])
      await expect(ask(jwtAccess({ issuers: [issuer] }), token)).rejects.toMatchObject({
        code: 'access-not-configured',
      })
  })
})

describe('a cookie that holds the token', () => {
  const access = hmac({ cookie: { name: 'session', origins: new Origins(['https://app.example']) } })
  const bring = async (cookie: string, headers: Record<string, string>) =>
    access.authorize(asks(undefined, { cookie, ...headers }), 'lobby', 'subscribe')
  const own = { 'sec-fetch-site': 'same-origin' }

  it.each<Record<string, string>>([
    own,
    { origin: 'http://localhost:8787' },
    { referer: 'http://localhost:8787/demo/room' },
    { origin: 'https://app.example', 'sec-fetch-site': 'cross-site' },
    { referer: 'https://app.example/page?x', 'sec-fetch-site': 'same-site' },
  ])('counts for %o', async (headers) => {
    expect(await bring(`a=b; session=${await tokenOf()}; c=d`, headers)).toMatchObject({ subject: 'ada' })
  })

  it.each<Record<string, string>>([
    {},
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'https://app.example.evil.example' },
    { origin: 'https://app.example:8443' },
    { origin: 'http://app.example' },
    { origin: 'https://evil.example', referer: 'https://app.example/' },
    { referer: 'https://evil.example/https://app.example' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'none' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site', origin: 'http://localhost:8787' },
    { ...own, origin: 'https://evil.example' },
  ])('does not for %o', async (headers) => {
    await expect(bring(`session=${await tokenOf()}`, headers)).rejects.toMatchObject({ code: 'origin-not-allowed' })
  })

  it('is no good when the token is not, when there are two, and where there is a header', async () => {
    const token = await tokenOf()
    for (const cookie of ['session=', 'session=x', `xsession=${token}`, `session="${token}"`, ''])
      await expect(bring(cookie, own)).rejects.toMatchObject(unauthorized)
    await expect(bring(`session=${token}; session=${token}`, own)).rejects.toMatchObject({ code: 'malformed-request' })
    await expect(bring(`session=${token}`, { ...own, authorization: 'Basic YTpi' })).rejects.toMatchObject(unauthorized)
    await expect(
      hmac().authorize(asks(undefined, { cookie: `session=${token}`, ...own }), 'lobby', 'subscribe'),
    ).rejects.toMatchObject(unauthorized)
  })
})

describe('a JWK Set that is fetched', () => {
  const servers: Server[] = []
  afterEach(() => {
    vi.useRealTimers()
    for (const server of servers.splice(0)) server.close()
  })
  /** Serves what `answer` gives, and counts. */
  const serve = async (answer: () => { status?: number; body: string; location?: string }) => {
    const asked = { count: 0, url: '' }
    const server = createServer((_, response) => {
      asked.count++
      const { status = 200, body, location } = answer()
      response.writeHead(status, { 'content-type': 'application/json', ...(location && { location }) }).end(body)
    }).listen(0, '127.0.0.1')
    servers.push(server)
    await once(server, 'listening')
    asked.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`
    return asked
  }
  const claims = { iss: 'https://id.example' }
  const accessTo = (url: string): Access => jwtAccess({ issuers: [{ issuer: claims.iss, jwks: url }] })

  it('is fetched once, and again for a key that is not in it, but not for each', async () => {
    const [old, fresh] = await Promise.all([newIssuer('ES256', 'old'), newIssuer('ES256', 'fresh')])
    let keys = [old.jwk]
    const set = await serve(() => ({ body: JSON.stringify({ keys }) }))
    const access = accessTo(set.url)
    for (let n = 0; n < 20; n++) expect(await ask(access, await old.sign({ claims }))).toBeTruthy()
    expect(set.count).toBe(1)
    keys = [old.jwk, fresh.jwk]
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 })
    for (let n = 0; n < 20; n++) expect(await ask(access, await fresh.sign({ claims }))).toBeTruthy()
    for (let n = 0; n < 20; n++)
      await expect(ask(access, await fresh.sign({ claims, header: { kid: `k${n}` } }))).rejects.toMatchObject(
        unauthorized,
      )
    expect(set.count).toBe(2)
  })

  it('is not even asked for what is no token of its issuer', async () => {
    const issuer = await newIssuer('ES256', 'k')
    const set = await serve(() => ({ body: JSON.stringify({ keys: [issuer.jwk] }) }))
    const access = accessTo(set.url)
    for (const token of [
      undefined,
      'x',
      await issuer.sign({ claims, header: { kid: '../k' } }),
      await issuer.sign({ claims, header: { jku: set.url } }),
      forged({ alg: 'none' }),
      await tokenOf({ claims }),
    ])
      await expect(ask(access, token)).rejects.toMatchObject(unauthorized)
    expect(set.count).toBe(0)
  })

  it('is `keys-unavailable` when it cannot be had, and works as soon as it can', async () => {
    const issuer = await newIssuer('ES256', 'k')
    const good = JSON.stringify({ keys: [issuer.jwk] })
    let answer: { status?: number; body: string; location?: string } = { body: '' }
    const set = await serve(() => answer)
    const access = accessTo(set.url)
    const token = await issuer.sign({ claims })
    for (const bad of [
      { status: 500, body: good },
      { status: 302, body: '', location: set.url.replace('jwks', 'other') },
      { body: 'hello' },
      { body: '{"keys":7}' },
      { body: `{"keys":[${JSON.stringify(issuer.jwk)}],"x":"${'x'.repeat(70_000)}"}` },
    ]) {
      answer = bad
      await expect(ask(access, token)).rejects.toMatchObject({ code: 'keys-unavailable' })
    }
    answer = { body: good }
    expect(await ask(access, token)).toBeTruthy()
    for (const server of servers.splice(0)) server.close()
    expect(await ask(access, token)).toBeTruthy()
  })
})
